"""What is measured by hand, for the tables in docs/performance.md, scale-out.md and quality.md.

`make .venv/test` installs what all of it needs into `.venv`.
"""
