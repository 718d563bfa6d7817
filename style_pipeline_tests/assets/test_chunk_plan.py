"""Wherever a tick of the automation falls, it asks for what is needed and for nothing else.

Several videos live at once, their runs interleaved at random; after every event that Dagster stores
and a tick can see there is a tick, whose runs take part from then on.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.events import PIPELINE_EVENTS
from dagster._core.execution.api import execute_run_iterator

from style_pipeline.assets.chunk_plan import chunk_plan
from style_pipeline.assets.current_style import current_style, observed
from style_pipeline.assets.videos import videos as videos_dropped
from style_pipeline.chunk_records import origin_of
from style_pipeline.forgetting import count_again, forget
from style_pipeline.media.segment import Origin
from style_pipeline.object_names import Video
from style_pipeline.partitions import UPLOAD_TAG, chunk_key, video_chunks, videos
from style_pipeline_tests.assets.journey import ASSETS, Journey, new_journey
from style_pipeline_tests.clips import make_clip

INTAKE = ("audio", "frames", "look")
PARENT = {"dagster/parent_run_id": "lost", "dagster/root_run_id": "lost"}
Fingerprint = tuple[str, Origin]
# The first has a style of its own.
ONE, TWO, THREE = VIDEOS = [
    Video(f"{name}.mp4") for name in ("own/one", "small/two", "small/three")
]


@dataclass
class Studio:
    """The daemon, and all runs that it started; what it asks for is checked as it is asked for."""

    journey: Journey
    clips: Path
    chance: random.Random
    runs: dict[Video, list[Iterator[object]]] = field(default_factory=dict)
    asked: Counter[tuple[Video, str]] = field(default_factory=Counter)
    films: dict[Video, Fingerprint] = field(default_factory=dict)
    tick: dg.EvaluateAutomationConditionsResult | None = None
    ticks: int = 0
    ticking: bool = False
    keys: list[str] = field(default_factory=lambda: [video.key for video in VIDEOS])

    def __post_init__(self) -> None:
        self.definitions = dg.Definitions(
            assets=[*ASSETS, chunk_plan, current_style, videos_dropped],
            resources={
                "media": self.journey.media,
                "ops": self.journey.ops,
                "stylizer": self.journey.stylizer,
                "ffmpeg": self.journey.encoder,
            },
            executor=dg.in_process_executor,
        )
        self.job = self.definitions.resolve_implicit_global_asset_job_def()

    def drop(self, video: Video, *, frames: int) -> None:
        """Upload, and what the sensor does then."""
        clip = make_clip(self.clips / f"{frames} {video.filename}", frames=frames)
        self.journey.drop(clip, video)
        self.take(video)

    def restyle(self, video: Video) -> None:
        """Train its style again: what the sensor notes then, and a person who wants it."""
        model = self.journey.add_style(video.style, seed=2)
        self.journey.instance.report_runless_asset_event(
            observed(video.key, model, model_hash=model, settings="")
        )
        self.start(video, "look")

    def forget(self, video: Video) -> None:
        """As `style-pipeline forget` does it, and the sensor thereafter."""
        instance, media, ops = self.journey.instance, self.journey.media, self.journey.ops
        assert forget(instance, media, ops, video, film=True).runs
        self.keys.remove(video.key)
        count_again(instance)
        self.look()
        del self.films[video]
        self.keys.append(video.key)
        instance.add_dynamic_partitions("videos", [video.key])
        self.take(video)

    def take(self, video: Video, *, tags: dict[str, str] | None = None) -> None:
        upload = self.journey.media.head(video.source).etag
        self.start(video, *INTAKE, tags={UPLOAD_TAG: upload, **(tags or {})})

    def start(
        self,
        video: Video,
        *assets: str,
        slot: int | None = None,
        tags: Any = None,
        config: Any = None,
    ) -> None:
        """A run in the queue."""
        keys = frozenset(map(dg.AssetKey, assets))
        job = self.job.get_subset(asset_selection=keys)
        partition = (
            videos.get_tags_for_partition_key(video.key)
            if slot is None
            else video_chunks.get_tags_for_partition_key(chunk_key(video.key, slot))
        )
        run_config = {"ops": {assets[0]: {"config": config}}} if config else {}
        run = self.journey.instance.create_run_for_job(
            job, tags={**partition, **(tags or {})}, asset_selection=keys, run_config=run_config
        )
        steps = execute_run_iterator(InMemoryJob(job), run, self.journey.instance)
        self.runs.setdefault(video, []).append(steps)

    def look(self) -> None:
        """Ticks, until one asks for nothing."""
        if self.ticking:
            return
        self.ticking = True
        try:
            while self._look_once():
                pass
        finally:
            self.ticking = False

    def _look_once(self) -> int:
        self.ticks += 1
        self.tick = dg.evaluate_automation_conditions(
            self.definitions,
            self.journey.instance,
            asset_selection=dg.AssetSelection.all(),
            cursor=self.tick.cursor if self.tick else None,
        )
        automatic = {"dagster/from_automation_condition": "true"}
        for chunk in self.tick.get_requested_partitions(dg.AssetKey("styled_frames")):
            assert isinstance(chunk, str)
            name, _, slot = chunk.partition("|")
            video = Video(name)
            assert self.journey.index(video).chunk(int(slot)), f"{chunk} has no frames"
            self.asked[video, "chunk"] += 1
            self.start(video, "styled_frames", slot=int(slot), tags=automatic)
        for key in self.tick.get_requested_partitions(dg.AssetKey("styled_video")):
            video = Video(str(key))
            inputs = self.inputs(video)
            assert self.films.get(video) != inputs, f"the film of {key} is there"
            self.films[video] = inputs
            self.asked[video, "film"] += 1
            self.start(video, "styled_video", tags=automatic)
        return self.tick.total_requested

    def inputs(self, video: Video) -> Fingerprint:
        """What a film would be made of now; all its segments are there, and of one kind."""
        index = self.journey.index(video)
        origin = origin_of(index, self.journey.look(video))
        for slot, chunk in enumerate(index.chunks):
            if chunk:
                segment = self.journey.root / "ops" / video.segment(slot)
                assert Origin.of(segment) == origin, f"chunk {slot} of {video.key} is to come"
        return index.upload, origin

    def step(self, video: Video) -> bool:
        """Let one of a video's runs do something, if it has any."""
        running = self.runs.get(video)
        if not running:
            return False
        run = self.chance.choice(running)
        if next(run, None) is None:
            running.remove(run)
        return True


def live(studio: Studio, lives: dict[Video, list[Callable[[], None]]]) -> None:
    """Each video's acts, one after the other, each once what followed from the last is over."""
    alive = set(lives)
    while alive:
        video = studio.chance.choice(sorted(alive, key=lambda video: video.key))
        if not studio.step(video):
            if not lives[video]:
                alive.remove(video)
                continue
            lives[video].pop(0)()


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    with new_journey(tmp_path / "journey") as journey:
        studio = Studio(journey, tmp_path, random.Random(1))
        # Which a tick asks for hundreds of times.
        journey.add_style(ONE.style)
        journey.instance.add_dynamic_partitions("videos", studio.keys)
        monkeypatch.setattr(
            journey.instance, "get_dynamic_partitions", lambda *_, **__: [*studio.keys]
        )
        store = dg.DagsterInstance.handle_new_event

        def stored(instance: dg.DagsterInstance, event: Any, **options: Any) -> None:
            store(instance, event, **options)
            told = event.dagster_event
            if told and (told.asset_key or told.event_type in PIPELINE_EVENTS):
                studio.look()

        monkeypatch.setattr(dg.DagsterInstance, "handle_new_event", stored)
        yield studio


@pytest.mark.nightly  # Two hundred ticks
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore:Non-compliant tag keys:DeprecationWarning")
def test_no_tick_asks_for_an_empty_slot_or_for_the_film_that_is_there(studio: Studio) -> None:
    def drop_a_longer_one_and_before_it_is_read_a_shorter_one() -> None:
        studio.drop(TWO, frames=12)
        for _ in range(20):
            studio.step(TWO)
        studio.drop(TWO, frames=8)

    def drop_and_start_again_beside_the_first_run() -> None:
        studio.drop(THREE, frames=12)
        studio.take(THREE, tags=PARENT)

    live(
        studio,
        {
            ONE: [
                lambda: studio.drop(ONE, frames=8),
                lambda: studio.start(ONE, "look", config={"strength": 0.5}),
                lambda: studio.start(ONE, "look", config={"strength": 0.5}),
                lambda: studio.restyle(ONE),
                lambda: studio.forget(ONE),
            ],
            TWO: [
                lambda: studio.drop(TWO, frames=4),
                drop_a_longer_one_and_before_it_is_read_a_shorter_one,
            ],
            THREE: [
                drop_and_start_again_beside_the_first_run,
                lambda: studio.take(THREE, tags=PARENT),
            ],
        },
    )
    assert studio.ticks > 100
    assert [studio.asked[video, "film"] for video in VIDEOS] == [4, 2, 1]
    assert [studio.asked[video, "chunk"] for video in VIDEOS] == [2 + 2 + 2 + 2, 1 + 2, 3]
    assert [len(studio.journey.film(video)) for video in VIDEOS] == [8, 8, 12]
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    assert not studio.journey.instance.get_runs(failed)
