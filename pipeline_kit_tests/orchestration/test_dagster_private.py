import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRIVATE = re.compile(r"^\s*(?:from|import) dagster\._", re.MULTILINE)


def test_private_modules_of_dagster_are_imported_in_one_module_alone() -> None:
    packages = [
        tests.with_name(tests.name.removesuffix("_tests")) for tests in ROOT.glob("*_tests")
    ]
    files = [path for package in packages for path in package.rglob("*.py")]
    private = {path.name for path in files if PRIVATE.search(path.read_text())}
    assert private == {"dagster_private.py"}


def test_every_private_import_has_a_reason() -> None:
    text = (ROOT / "pipeline_kit/orchestration/dagster_private.py").read_text()
    blocks = text.partition("__all__")[0].split("\n\n")[1:]
    assert len(blocks) > 4
    assert all(block.startswith("# ") for block in blocks if block.strip())
