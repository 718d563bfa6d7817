"""What the docs show."""

import re

from style_pipeline_tests.dagster_dev import PROJECT

DOCS = ("README.md", "CONTRIBUTING.md", "docs/tutorial.md", "docs/architecture.md")


def text(doc: str) -> str:
    return (PROJECT / doc).read_text()


def blocks(doc: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text(doc), re.DOTALL | re.MULTILINE)


def commands(doc: str) -> list[str]:
    """Lines of the shell's examples, without their comments."""
    lines = "".join(blocks(doc, "sh")).splitlines()
    return [line for line in (line.partition("  #")[0].strip() for line in lines) if line]
