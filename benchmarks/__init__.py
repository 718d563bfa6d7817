"""What is measured by hand, for the tables in docs/performance.md and docs/quality.md.

`make .venv/test` installs what all of it needs into `.venv`.
"""
