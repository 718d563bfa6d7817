"""Where tests are found: `a_tests/b/test_c.py` for the module `a/b/c.py`."""

from pathlib import Path

import pytest

from style_pipeline_tests.dagster_dev import PROJECT

PACKAGES = sorted(
    path.name.removesuffix("_tests")
    for path in PROJECT.glob("*_tests")
    if (PROJECT / path.name.removesuffix("_tests") / "__init__.py").is_file()
)
ELSEWHERE = {
    "style_pipeline/artworks/*": "test_artworks.py has all of them in one table",
    "style_pipeline/assets/videos.py": "it only declares an asset: test_definitions.py",
    "style_pipeline/assets/paintings.py": "it only declares an asset: test_definitions.py",
    "style_pipeline/chunk_records.py": "by the assets that record: assets/test_chunk_plan.py",
    "style_pipeline/done_meanwhile.py": "by the assets that ask: assets/test_done_meanwhile.py",
    "style_pipeline/resources/trainer.py": "by the asset that trains: assets/test_style_model.py",
    "style_pipeline/runs/*": "names that 0.1 had for modules of the kit: test_upgrade.py",
    "style_pipeline/cluster/*": "names that 0.1 had for modules of the kit: test_upgrade.py",
    "style_pipeline/media/track_plan.py": "with what makes such plans: test_tracks.py",
    "style_pipeline/media/weaves.py": "with what decides by it: test_interlacing.py",
}
"""Modules that are tested under another name, and why."""


def modules() -> list[Path]:
    return [
        path.relative_to(PROJECT)
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.py"))
        if not path.name.startswith("__")
    ]


def test_the_packages_are_found() -> None:
    assert {"pipeline_kit", "style_pipeline"} <= set(PACKAGES)
    assert len(modules()) > 100


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_s_test_is_found_by_its_name(module: Path) -> None:
    package, *folders, name = module.parts
    place = Path(f"{package}_tests", *folders, f"test_{name}")
    found = (PROJECT / place).is_file()
    listed = any(module.match(pattern) for pattern in ELSEWHERE)
    assert found or listed, f"{place} is not there"
    assert not (found and listed), f"{module} is tested by name: take it out of ELSEWHERE"
