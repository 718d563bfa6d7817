import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from style_pipeline.assets.style_model import RECIPE, fingerprint
from style_pipeline.assets.styled_video import SEGMENTS_CHECK
from style_pipeline.definitions import defs
from style_pipeline.media.film_checks import CHECKS
from style_pipeline.settings import kind_of_media
from style_pipeline.styles import BODY
from style_pipeline.training.recipe import FitRecipe

ASSETS = {
    "paintings": ("styles", {"file"}, set()),
    "style_model": ("styles", {"pytorch"}, {"paintings"}),
    "current_style": ("styles", {"toml"}, {"style_model"}),
    "videos": ("source", {"file"}, set()),
    "audio": ("source", {"ffmpeg"}, {"videos"}),
    "frames": ("source", {"pyav", "parquet"}, {"videos"}),
    "preview": ("source", {"pillow"}, {"videos"}),
    "look": ("styling", {"toml"}, {"frames", "current_style"}),
    "chunk_plan": ("styling", {"dagster"}, {"frames", "look"}),
    "styled_frames": ("styling", {"pytorch"}, {"frames", "look", "chunk_plan"}),
    "styled_video": ("styling", {"ffmpeg"}, {"audio", "look", "styled_frames", "current_style"}),
}
graph = defs.resolve_asset_graph()


def spec(name: str) -> dg.AssetSpec:
    return graph.get(dg.AssetKey(name)).to_asset_spec()


def test_all_that_is_offered_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)


def test_there_are_these_assets_and_no_others() -> None:
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(ASSETS)


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_has_its_group_kinds_owner_description_and_origin(name: str) -> None:
    group, kinds, origins = ASSETS[name]
    asset = spec(name)
    assert asset.group_name == group
    assert asset.kinds == kinds
    assert [owner for owner in asset.owners if owner.startswith("team:")]
    assert len((asset.description or "").split()) >= 8
    assert {dep.asset_key.path[-1] for dep in asset.deps} == origins


def test_a_style_shows_as_stale_when_the_body_or_the_recipe_is_another() -> None:
    version = spec("style_model").code_version or ""
    assert BODY[:12] in version
    assert RECIPE in version
    assert fingerprint(replace(FitRecipe(), iterations=301)) != RECIPE == fingerprint(FitRecipe())


def test_the_kind_of_media_is_the_one_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kind_of_media() == "file"
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", "az://account/media")
    assert kind_of_media() == "azureblobstorage"


def test_chunks_and_films_follow_by_themselves() -> None:
    by_themselves = {name for name in ASSETS if spec(name).automation_condition}
    assert by_themselves == {"styled_frames", "styled_video"}


def test_all_sensors_run_by_themselves_every_few_seconds() -> None:
    found = {sensor.name: sensor for sensor in defs.get_repository_def().sensor_defs}
    assert {name: sensor.minimum_interval_seconds for name, sensor in found.items()} == {
        "new_styles": 5,
        "new_videos": 5,
        "automation": 5,
        "refresh_partition_status": 60,
        "retry_lost_runs": 15,
        "tell_what_is_done": 5,
        "tell_what_failed": 30,
        "tell_what_was_refused": 30,
        "tell_what_broke": 60,
    }
    for sensor in found.values():
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_trainings_and_chunks_wait_for_their_turn_in_pools_of_their_own() -> None:
    made = [asset for asset in defs.assets or [] if isinstance(asset, dg.AssetsDefinition)]
    pools = {asset.key.path[-1]: asset.op.pool for asset in made if asset.op.pool}
    assert pools == {"style_model": "training", "styled_frames": "gpu"}


def test_every_check_of_a_film_is_listed_described_and_blocks() -> None:
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert {check.name for check in checks} == {SEGMENTS_CHECK, *CHECKS}
    for check in checks:
        assert check.asset_key == dg.AssetKey("styled_video")
        assert check.blocking
        assert check.description


def ends_well(*program: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, *program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_code_server_never_loads_what_only_painting_and_training_need(tmp_path: Path) -> None:
    ends_well(
        "-c",
        "import sys\n"
        "from dagster._core.remote_representation.external_data import RepositorySnap\n"
        "from style_pipeline.definitions import defs\n"
        "RepositorySnap.from_def(defs.get_repository_def())\n"
        "heavy = {'torch', 'openvino', 'matplotlib', 'pandas', 'azure.storage.blob'}\n"
        "found = heavy & sys.modules.keys()\n"
        "sys.exit(f'imported: {found}' if found else 0)",
        folder=tmp_path,
    )


def test_sensors_and_all_that_is_not_painting_never_load_torch(tmp_path: Path) -> None:
    ends_well("-m", "style_pipeline_tests.unpainted_film", folder=tmp_path)
