from style_pipeline.intake.paintings import NOTHING_TO_LEARN_FROM
from style_pipeline.resources.models import trained_styles
from style_pipeline.styles import BODY, FINE, FINE_BODY, shipped_styles
from style_pipeline_tests.assets.journey import picture_in
from style_pipeline_tests.sensors.daemon import PAINTINGS, STYLE_MODEL, Dagster, reports


def test_a_dropped_painting_becomes_a_partition_and_a_training(studio: Dagster) -> None:
    dropped = studio.media.write("styles/Starry Night.jpg", b"painting")
    first, second, third = (studio.tick() for _ in range(3))
    assert (first.run_requests, third.run_requests) == ([], [])
    (run,) = second.run_requests or []
    assert run.partition_key == "Starry Night"
    assert run.run_key == f"Starry Night@{dropped.etag}@{BODY[:12]}"
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert "Starry Night" in studio.instance.get_dynamic_partitions("styles")
    (record,) = studio.instance.fetch_materializations(PAINTINGS, limit=9).records
    assert record.partition_key == "Starry Night"


def test_what_is_no_painting_is_told_once_and_holds_nothing_back(studio: Dagster) -> None:
    for name in ("a.jpg", "a.png", "b.gif", "c/d.jpg"):
        studio.media.write(f"styles/{name}", b"painting")
    studio.media.write("rejected/styles/a.jpg.json", b"{}")
    for _ in range(4):
        studio.tick()
    assert [run.partition("@")[0] for run in studio.launched] == ["a"]
    assert [name for name, _ in studio.told(PAINTINGS)] == [
        "styles/a.png",
        "styles/b.gif",
        "styles/c/d.jpg",
    ]
    (reason,) = (told for name, told in reports(studio.media).items() if "b.gif" in name)
    assert reason.startswith(".gif is no kind of picture or network that can")
    assert "rejected/styles/a.jpg.json" not in reports(studio.media)


def test_a_painting_waits_for_something_to_learn_from(studio: Dagster) -> None:
    studio.media.delete("videos/brushwork/clip.mp4")
    studio.media.write("styles/night.jpg", b"painting")
    for _ in range(3):
        assert studio.tick().run_requests == []
    assert studio.told(PAINTINGS) == [("styles/night.jpg", NOTHING_TO_LEARN_FROM)]
    studio.media.write("videos/night/clip.mp4", b"film")
    studio.tick()
    studio.tick()
    assert len(studio.launched) == 1


def test_photographs_of_a_person_s_own_are_enough_to_learn_from(studio: Dagster) -> None:
    studio.media.delete("videos/brushwork/clip.mp4")
    studio.photographs = "file:///photographs"
    studio.media.write("styles/night.jpg", b"painting")
    studio.tick()
    studio.tick()
    assert len(studio.launched) == 1


def test_shipped_styles_are_recorded_once_as_trained(studio: Dagster) -> None:
    for _ in range(3):
        studio.tick()
    assert set(studio.instance.get_dynamic_partitions("styles")) == set(shipped_styles())
    records = studio.instance.fetch_materializations(STYLE_MODEL, limit=99).records
    recorded = {}
    for record in records:
        assert record.asset_materialization is not None
        sha256 = record.asset_materialization.metadata["model_hash"].value
        assert (record.asset_materialization.tags or {})["dagster/data_version"] == sha256
        recorded[record.partition_key] = sha256
        sample = picture_in(str(record.asset_materialization.metadata["sample"].value))
        assert sample.size == (384, 216)
    assert len(records) == len(recorded)
    trained = trained_styles(studio.ops)
    assert recorded == {style: trained[style] for style in shipped_styles()}


def test_a_shipped_style_that_was_trained_again_is_not_recorded_as_it_ships(
    studio: Dagster,
) -> None:
    studio.train("brushwork", sha256="2" * 64)
    studio.tick()
    records = studio.instance.fetch_materializations(STYLE_MODEL, limit=99).records
    assert {record.partition_key for record in records} == {*shipped_styles()} - {"brushwork"}


def test_the_fine_body_is_fitted_to_a_painting_when_a_video_first_asks_for_it(
    studio: Dagster,
) -> None:
    dropped = studio.media.write("styles/night.jpg", b"painting")
    studio.media.write("styles/day.jpg", b"painting")
    studio.media.write("videos/night/clip.mp4", b"film")
    for _ in range(2):
        studio.tick()
    assert {run.partition("@")[0] for run in studio.launched} == {"night", "day"}
    settings = studio.media.write("videos/night/style.toml", b'quality = "fine"')
    settling, runs, after = (studio.tick().run_requests or [] for _ in range(3))
    assert (settling, after) == ([], [])
    (run,) = runs
    assert (run.partition_key, run.run_key) == (
        "night/fine",
        f"night/fine@{dropped.etag}@{FINE_BODY[:12]}",
    )
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert "night/fine" in studio.instance.get_dynamic_partitions("styles")
    arrived = studio.instance.fetch_materializations(PAINTINGS, limit=1).records
    assert [record.partition_key for record in arrived] == ["night/fine"]
    # Once it was fitted, it is again whenever the painting is replaced.
    studio.train("night", sha256="2" * 64, quality=FINE)
    studio.media.delete(settings.name)
    assert studio.tick().run_requests == []
    studio.media.write("styles/night.jpg", b"another painting")
    again = [run for _ in range(2) for run in studio.tick().run_requests or []]
    assert sorted(str(run.partition_key) for run in again) == ["night", "night/fine"]
