"""``python -m benchmarks.orchestration``: how Dagster bears many films, each of many chunks.

An instance as that of `make dev`, with SQLite, is filled with films; then the real daemon and web
server run on it, and are timed from outside: the daemon by the ticks that it records, the server
by queries of the fields that the pages of its UI ask for, over HTTP. No run is ever started.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import dagster as dg

from benchmarks import finished_films as films
from pipeline_kit.orchestration import ledger
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.graphql import WebServer
from pipeline_kit_tests.waiting import wait_for
from style_pipeline.assets.current_style import observed
from style_pipeline.forgetting import forget, under_way, untouched_since
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key

SENSORS: Final = ("new_videos", "new_styles", "automation")
ASSETS: Final = (
    *("paintings", "style_model", "current_style"),
    *("videos", "audio", "frames", "look", "chunk_plan", "styled_frames", "styled_video"),
)
CHUNKED: Final = "styled_frames"
PROJECT: Final = Path(__file__).parents[1]

QUERIES: Final = {
    "grid of an asset's partitions": """query ($asset: AssetKeyInput!) {
        assetNodeOrError(assetKey: $asset) { ... on AssetNode {
            partitionKeysByDimension { name type partitionKeys }
            assetPartitionStatuses { ... on MultiPartitionStatuses { primaryDimensionName ranges {
                primaryDimStartKey primaryDimEndKey
                secondaryDim { ... on DefaultPartitionStatuses {
                    materializedPartitions materializingPartitions failedPartitions
                } }
            } } }
        } }
    }""",
    "a partition of it": """query ($asset: AssetKeyInput!, $partition: String!) {
        assetOrError(assetKey: $asset) { ... on Asset {
            definition { latestRunForPartition(partition: $partition) { id status endTime } }
            assetEventHistory(
                partitions: [$partition]
                limit: 1000
                eventTypeSelectors: [MATERIALIZATION, OBSERVATION, FAILED_TO_MATERIALIZE]
            ) { results { ... on MaterializationEvent {
                runId timestamp metadataEntries { label description }
            } } }
        } }
        assetNodeOrError(assetKey: $asset) { ... on AssetNode {
            staleStatus(partition: $partition)
            staleCauses(partition: $partition) { reason category key { path } }
        } }
    }""",
    "graph of all assets": """query ($assets: [AssetKeyInput!]!) {
        assetNodes(assetKeys: $assets, loadMaterializations: true) {
            assetKey { path }
            assetMaterializations(limit: 1) { timestamp runId stepKey }
            assetObservations(limit: 1) { timestamp runId stepKey }
            assetChecksOrError { ... on AssetChecks { checks {
                name
                executionForLatestMaterialization {
                    id runId status timestamp stepKey evaluation { severity }
                }
            } } }
            partitionStats { numMaterialized numMaterializing numPartitions numFailed }
        }
        assetsLatestInfo(assetKeys: $assets) {
            unstartedRunIds inProgressRunIds latestRun { id status startTime endTime }
        }
    }""",
    "staleness in the graph": """query ($assets: [AssetKeyInput!]!) {
        assetNodes(assetKeys: $assets) {
            staleStatus staleCauses { reason category key { path } dependency { path } }
        }
    }""",
    "list of runs": """{ runsFeedOrError(limit: 30, view: ROOTS) { ... on RunsFeedConnection {
        results { id runStatus creationTime startTime endTime tags { key value } }
    } } }""",
}


class Server(WebServer):
    def ticks(self, sensor: str) -> dict[str, float]:
        """Seconds of each tick of a sensor that has ended, by its id, the latest first."""
        found = self.ask(
            """query ($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) {
                ... on Sensor { sensorState {
                    ticks(limit: 30) { id status timestamp endTimestamp error { message } }
                } }
            } }""",
            sensor=selector(sensor),
        )
        ticks = found["sensorOrError"]["sensorState"]["ticks"]
        if errors := [tick["error"]["message"] for tick in ticks if tick["error"]]:
            raise RuntimeError(f"a tick of {sensor} failed: {errors[0]}")
        return {
            tick["id"]: tick["endTimestamp"] - tick["timestamp"]
            for tick in ticks
            if tick["status"] != "STARTED"
        }


def selector(sensor: str) -> dict[str, str]:
    return {
        "repositoryName": "__repository__",
        "repositoryLocationName": "style_pipeline.definitions",
        "sensorName": sensor,
    }


def drop_videos(folder: Path, *, videos: int) -> str:
    """Files in the media store, and the cursor of a sensor that has started them all."""
    media = Store(url=(folder / "media").as_uri())
    for number in range(videos):
        media.write(f"videos/{films.video_key(number)}", b"film")
    return ledger.dump(
        frozenset(
            ledger.fingerprint(found.name, found.etag, "taken") for found in media.list("videos")
        )
    )


def settings_of(home: Path) -> None:
    """The settings of `make dev`, but that no run ever leaves the queue."""
    settings = (PROJECT / "deploy/local/dagster.yaml").read_text()
    none, count = re.subn(r"(?<=max_concurrent_runs: )\d+", "0", settings)
    assert count == 1, "dagster.yaml does not limit the runs as it did"
    (home / "dagster.yaml").write_text(none)


@contextmanager
def process(*command: str, folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Run one of Dagster's commands, and all that it starts, in a folder."""
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", *command, "-m", "style_pipeline.definitions"],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as started,
    ):
        try:
            yield
        finally:
            started.terminate()
            started.wait(60)


def time_queries(server: Server, partition: str, *, times: int) -> dict[str, float]:
    """The median seconds of each of the UI's queries; the first of each is not counted."""
    assets = [{"path": [name]} for name in ASSETS]
    seconds = {}
    for name, query in QUERIES.items():
        taken = []
        for _ in range(times + 1):
            started = time.monotonic()
            server.ask(query, asset={"path": [CHUNKED]}, assets=assets, partition=partition)
            taken.append(time.monotonic() - started)
        seconds[name] = median(taken[1:])
    return seconds


def next_ticks(server: Server, sensor: str, *, count: int, within: float = 180) -> list[float]:
    """Seconds of the next ticks of a sensor."""
    before = server.ticks(sensor).keys()

    def new() -> list[float]:
        return [seconds for tick, seconds in server.ticks(sensor).items() if tick not in before]

    wait_for(f"{count} ticks of {sensor}", lambda: len(new()) >= count, seconds=within, every=0.5)
    return new()


def time_ticks(
    server: Server, instance: dg.DagsterInstance, *, chunks: int, ticks: int
) -> dict[str, float]:
    """Seconds of the sensors' ticks: the median where nothing happens, else the longest."""
    seconds = {
        f"{sensor}, nothing new": median(next_ticks(server, sensor, count=ticks))
        for sensor in SENSORS
    }
    new = films.video_key(9999)

    def after(what: str) -> None:
        seconds[f"automation, {what}"] = max(next_ticks(server, "automation", count=3))

    seconds["refresh_partition_status"] = max(
        next_ticks(server, "refresh_partition_status", count=1)
    )
    after("all is to be counted again")
    films.run(instance, [CHUNKED], chunk_key(films.video_key(0), 0))
    after("a chunk was made again, a film is asked for")
    instance.add_dynamic_partitions("videos", [new])
    films.prepare(instance, new, chunks=chunks)
    after(f"a video is ready, {chunks} chunks are asked for")
    films.run(instance, [CHUNKED], chunk_key(new, 0))
    after("one of its chunks was made")
    for slot in range(1, chunks):
        films.run(instance, [CHUNKED], chunk_key(new, slot))
    after("all of them were made, a film is asked for")
    return seconds


def time_a_restyle(
    server: Server, instance: dg.DagsterInstance, *, videos: int, looks: int
) -> dict[str, float]:
    """Seconds of ticks after the style of all videos was trained again, and some looks decided.

    One chunk of each of those is asked for, as a film that is asked for costs the same.
    """
    for number in range(videos):
        now = observed(films.video_key(number), "v2", model_hash="v2", settings="")
        instance.report_runless_asset_event(now)
    seconds = {
        f"automation, the style of {videos} videos changed": max(
            next_ticks(server, "automation", count=3, within=1200)
        )
    }
    for number in range(looks):
        films.look_at(instance, films.video_key(number), chunks=1)
    seconds[f"automation, of {looks} the look was decided again, as many chunks are asked for"] = (
        max(next_ticks(server, "automation", count=3, within=1200))
    )
    return seconds


def time_forgetting(
    instance: dg.DagsterInstance, folder: Path, *, videos: int, forgotten: int
) -> dict[str, float]:
    """Seconds of `style-pipeline forget --older-than`: to find what is old, and to forget some."""
    media, ops = (Store(url=(folder / name).as_uri()) for name in ("media", "ops"))
    keys = [films.video_key(number) for number in range(videos)]
    started = time.monotonic()
    old = untouched_since(instance, keys, time=time.time())
    found = time.monotonic()
    for key in islice((key for key in old if not under_way(instance, key)), forgotten):
        forget(instance, media, ops, Video(key), film=True)
    ended = time.monotonic()
    return {
        f"forget, which of {videos} videos are old": found - started,
        f"forget, {forgotten} of them": ended - found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[2].strip())
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--chunks", type=int, default=64)
    parser.add_argument("--times", type=int, default=5, help="queries and idle ticks, of each kind")
    parser.add_argument("--forgotten", type=int, default=20, help="videos, in the end")
    parser.add_argument("--restyled", type=int, default=0, help="looks that are decided again")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home = folder / "home"
        home.mkdir()
        settings_of(home)
        environment = {
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "STYLE_PIPELINE_MAX_CHUNKS": str(options.chunks),
        }
        with dg.DagsterInstance.from_config(str(home)) as instance:
            print(f"making {options.videos} films of {options.chunks} chunks each", flush=True)
            films.make_films(instance, videos=options.videos, chunks=options.chunks)
            cursor = drop_videos(folder, videos=options.videos)
            for measured in measure(folder, environment, instance, cursor, options):
                for name, seconds in measured.items():
                    print(f"{name:70} {seconds:6.2f} s", flush=True)


def measure(
    folder: Path,
    environment: Mapping[str, str],
    instance: dg.DagsterInstance,
    cursor: str,
    options: argparse.Namespace,
) -> Iterator[dict[str, float]]:
    """All measurements, some at a time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1])
    web = ("dagster_webserver", "--host", "127.0.0.1", "--port", str(server.port))
    with process(*web, folder=folder, environment=environment):
        wait_for("the web server", server.answers, seconds=180)
        server.ask(
            """mutation ($sensor: SensorSelector!, $cursor: String!) {
                setSensorCursor(sensorSelector: $sensor, cursor: $cursor) { __typename }
            }""",
            sensor=selector("new_videos"),
            cursor=cursor,
        )
        with process("dagster._daemon", "run", folder=folder, environment=environment):
            # The first evaluation has no cursor to go on from.
            wait_for("the daemon", lambda: server.ticks("automation"), seconds=180)
            yield {"automation, the first tick of all": max(server.ticks("automation").values())}
            partition = chunk_key(films.video_key(0), 0)
            yield time_queries(server, partition, times=options.times)
            yield time_ticks(server, instance, chunks=options.chunks, ticks=options.times)
            if looks := options.restyled:
                yield time_a_restyle(server, instance, videos=options.videos, looks=looks)
    yield time_forgetting(instance, folder, videos=options.videos, forgotten=options.forgotten)


if __name__ == "__main__":
    main()
