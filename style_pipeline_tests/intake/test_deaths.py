"""Whatever Dagster comes to do before it dies, each video is started once."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_kit.orchestration.inbox import run_key
from pipeline_kit.orchestration.ledger import dump, load
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.names import video_key
from style_pipeline.intake.videos import VideoIntake, new_videos
from style_pipeline_tests.intake.looks import STYLES

unhurried = settings(deadline=None)


@dataclass
class World:
    """A store, and a Dagster that may die while it does what a look led to."""

    limit: int
    there: dict[str, StoredObject] = field(default_factory=dict)
    uploads: int = 0
    looks: int = 0
    cursor: str | None = None
    launched: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)

    def upload(self, name: str) -> None:
        self.uploads += 1
        self.there[name] = StoredObject(name=name, size=1, etag=f"e{self.uploads}")

    def delete(self, name: str) -> None:
        self.there.pop(name, None)

    def look(self, *, survive: int | None = None) -> VideoIntake:
        """One tick; Dagster dies after having launched `survive` runs, before the cursor."""
        self.looks += 1
        found = new_videos(
            self.there.values(),
            load(self.cursor),
            trained=STYLES,
            limit=self.limit,
            hour=self.looks // 2,
        )
        asked = [run_key(video_key(video.name), video) for video in found.start]
        assert not self.settled & set(asked)
        self.launched |= set(asked[:survive])
        if survive is None:
            self.settled |= set(asked)
            self.cursor = dump(found.ledger)
        return found


NAMES = [f"videos/{style}/{clip}.mp4" for style in (*STYLES, "none") for clip in "ab"]


EVENTS = st.one_of(
    st.tuples(st.just("upload"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("look"), st.none() | st.integers(0, 3)),
)


@unhurried
@given(events=st.lists(EVENTS, max_size=40), limit=st.integers(1, 4))
def test_no_video_is_lost_and_none_asked_for_again_whenever_dagster_dies(
    events: list[tuple[str, str | int | None]], limit: int
) -> None:
    world = World(limit=limit)
    for what, value in events:
        if what == "look":
            assert value is None or isinstance(value, int)
            found = world.look(survive=value)
            assert len(found.start) <= limit
        else:
            getattr(world, what)(value)
    for _ in range(len(NAMES) + 2):
        last = world.look()
    assert (last.start, last.rejected) == ((), ())
    for name, video in world.there.items():
        assert (run_key(video_key(name), video) in world.launched) == ("none" not in name)


VERSIONS = st.tuples(st.text().map("videos/".__add__), st.text("0123456789abcdefx-"))


@unhurried
@given(VERSIONS, VERSIONS)
def test_two_versions_never_share_a_run_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    keys = {
        run_key(video_key(name), StoredObject(name=name, size=1, etag=etag))
        for name, etag in (one, other)
    }
    assert len(keys) == len({one, other})
