"""What is measured by hand, for the tables in docs/performance.md, scale-out.md and quality.md.

`make .venv/test` installs what all of it needs into `.venv`.
"""

from pipeline_kit.settings import end_where_wrong
from style_pipeline.settings import check_settings

end_where_wrong(check_settings)
