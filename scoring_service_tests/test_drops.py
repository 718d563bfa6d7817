"""A video is checked by its name, style, settings and size, before a byte of it is sent."""

from datetime import date
from typing import Any

import pytest

from scoring_service.drops import check_drop, mixtures_in, new_folder
from scoring_service.errors import Refused
from style_pipeline.look.style_toml import settings_places

WANTED: dict[str, Any] = {
    "name": "holiday.mp4",
    "folder": "2026-11-29-3f2a9c01",
    "style": "ink",
    "settings": "strength = 0.50\npreserve_colours = true\nblend = { ink = 0.6, wave = 0.4 }\n",
    "size": 1000,
    "styles": ["ink", "wave"],
    "most_bytes": 5000,
}


def test_a_video_gets_a_folder_of_its_own_in_its_style_with_its_settings() -> None:
    drop = check_drop(**WANTED)
    assert drop.video.source == "videos/ink/2026-11-29-3f2a9c01/holiday.mp4"
    # The pipeline reads the nearest settings.
    assert drop.settings_file == settings_places(drop.video.key)[0]
    assert drop.settings == WANTED["settings"]


def test_no_two_videos_of_one_name_meet() -> None:
    folders = {new_folder(date(2026, 11, 29)) for _ in range(100)}
    assert len(folders) == 100
    assert all(folder.startswith("2026-11-29-") for folder in folders)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../../etc/passwd.mp4", "without a folder"),
        ("/holiday.mp4", "without a folder"),
        (".hidden.mp4", "a dot before it"),
        ("holiday|1.mp4", "contains '|'"),
        ("a\\b.mp4", "contains"),
        ("holiday\n.mp4", "contains"),
        ("\u202e4pm.mp4", "contains"),
        ("a...mp4", "contains '...'"),
        ("[ink].mp4", "contains"),
        (" holiday.mp4", "starts or ends with a blank"),
        (f"{'x' * 190}.mp4", "bytes long"),
        ("holiday.exe", ".exe is no kind of video"),
        ("holiday.mp4.part", ".part is no kind of video"),
        ("holiday", "no extension"),
        ("style.toml", ".toml is no kind of video"),
    ],
)
def test_a_hostile_name_is_refused(name: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        check_drop(**{**WANTED, "name": name})
    assert refused.value.status_code == 422
    assert refused.value.detail.startswith("name: ")
    assert says in refused.value.detail
    assert "\n" not in refused.value.detail


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"style": "other"}, 422, "there is no style 'other'"),
        ({"style": "../ink"}, 422, "no proper name"),
        ({"style": "ink/../wave"}, 422, "no proper name"),
        ({"size": 0}, 422, "size: the file is empty"),
        ({"size": 5001}, 413, "the video has 0.0 GB: at most 5e-06 are taken"),
        ({"settings": "blend = { oil = 1 }"}, 422, "style.toml: there is no style 'oil'"),
        ({"settings": "strength = 2"}, 422, "style.toml: strength = 2 should be a number"),
        ({"settings": "strengh = 1"}, 422, "style.toml: there is no setting"),
        ({"settings": "also = ['wave']"}, 422, "style.toml: also is not for films of the studio"),
        ({"settings": "strength = \0"}, 422, "style.toml is not TOML"),
        ({"settings": f"# {'x' * 70_000}"}, 422, "style.toml has more than 65536 bytes"),
    ],
)
def test_what_the_pipeline_would_refuse_later_is_refused_now(
    change: dict[str, Any], status: int, says: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_drop(**{**WANTED, **change})
    assert refused.value.status_code == status
    assert says in refused.value.detail


def test_without_a_mixture_the_folder_says_the_style() -> None:
    assert mixtures_in("strength = 1", style="ink") == [{"ink": 1.0}]
    over_time = 'style = [[0, "ink"], [9, "wave"]]'
    assert mixtures_in(over_time, style="ink") == [{"ink": 1.0}, {"wave": 1.0}]
