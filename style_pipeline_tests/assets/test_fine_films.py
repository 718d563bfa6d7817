"""Films of quality `fine`, of which the shipped styles are at work."""

import pytest

from style_pipeline.assets.current_style import current_style
from style_pipeline.look.look import version_of
from style_pipeline.look.recipe import read_recipe
from style_pipeline.object_names import Video
from style_pipeline.resources.models import trained_styles
from style_pipeline.styles import FINE
from style_pipeline_tests.assets.journey import CLIP, Journey, failure, new_journey
from style_pipeline_tests.clips import make_clip

WAVE = Video("great-wave/clip.mp4")
SETTINGS = "videos/great-wave/style.toml"


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:  # type: ignore[misc]
    root = tmp_path_factory.mktemp("fine")
    with new_journey(root / "work", min_frames=1000) as journey:
        clip = make_clip(root / "clip.mp4", frames=3)
        for video in (WAVE, CLIP):
            journey.drop(clip, video)
            journey.make("audio", video)
            journey.make("frames", video)
        yield journey


def note_of(journey: Journey) -> str | None:
    """The version of what the folder stands for that was noted last."""
    (record,) = journey.instance.fetch_observations(current_style.key, limit=1).records
    assert record.asset_observation
    return record.asset_observation.data_version


def test_a_change_of_quality_makes_another_film_which_says_so(journey: Journey) -> None:
    journey.media.delete(SETTINGS)
    before = journey.make("look", WAVE)
    standard = journey.look(WAVE)
    etag = journey.media.write(SETTINGS, b'quality = "fine"').etag
    told = journey.make("look", WAVE)
    look = journey.look(WAVE)
    fine = trained_styles(journey.ops, FINE)["great-wave"]
    assert (look.quality, look.model_hash, told["quality"]) == (FINE, fine, FINE)
    assert "quality" not in before
    assert look.content_hash != standard.content_hash
    assert note_of(journey) == look.current_style == version_of(fine, etag)
    journey.make_chunks(WAVE)
    assert journey.make("styled_video", WAVE)["model_hash"] == fine
    recipe = read_recipe(journey.root / "media" / WAVE.film("mp4"))
    assert (recipe.networks, recipe.settings) == ({"great-wave": fine}, {"quality": "fine"})


def test_a_run_s_config_decides_and_the_folder_stands_for_what_its_file_says(
    journey: Journey,
) -> None:
    journey.media.delete(SETTINGS)
    journey.make("look", WAVE, quality="fine")
    look = journey.look(WAVE)
    assert look.quality == FINE
    assert look.current_style == version_of(trained_styles(journey.ops)["great-wave"], None)


def test_mixtures_are_of_fine_networks_whatever_the_folder_s_style_is(journey: Journey) -> None:
    journey.media.write(
        f"videos/{CLIP.style}/style.toml",
        b'quality = "fine"\nstyle = [[0, "udnie"], [0.1, { great-wave = 1, starry-night = 1 }]]',
    )
    journey.make("look", CLIP)
    fine = trained_styles(journey.ops, FINE)
    taking_part = ("great-wave", "starry-night", "udnie")
    assert journey.look(CLIP).models == {style: fine[style] for style in taking_part}
    assert journey.make_chunks(CLIP)[0]["frames"] == 3


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (b'quality = "fine"', "quality = \"fine\" is not there for style 'small': it is for brush"),
        (
            b'quality = "fine"\nblend = { small = 1, great-wave = 1 }',
            "quality = \"fine\" is not there for style 'small': it is for ",
        ),
    ],
)
def test_what_cannot_be_fine_is_said_in_one_line_before_any_gpu_is_asked_for(
    journey: Journey, settings: bytes, line: str
) -> None:
    place = f"videos/{CLIP.style}/style.toml"
    journey.media.write(place, settings)
    told = failure(journey.run("look", CLIP))
    assert told.startswith(f"small/clip.mp4: {place}: {line}")
    assert "\n" not in told
    assert journey.media.head(f"rejected/{CLIP.key}.json").size


def test_a_preview_is_of_the_networks_that_were_asked_for(journey: Journey) -> None:
    wrong = failure(journey.run("preview", WAVE, style="small", quality="fine"))
    assert "quality = \"fine\" is not there for style 'small'" in wrong
    wrong = failure(journey.run("preview", WAVE, quality="best"))
    assert "run config: quality = 'best' should be" in wrong
    assert journey.make("preview", WAVE, style="great-wave", quality="fine")["styles"] == 1
