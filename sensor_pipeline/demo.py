"""``python -m sensor_pipeline.demo [PATH]``: readings to anomalies in one go, without Dagster.

Without a PATH, two days of a small plant are simulated: a calm one to learn from, and one with
faults that are known. With one, a file or folder of readings, the first half of the hours is
learned from.
"""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click
import polars as pl

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.names import extension
from pipeline_kit.storage.store import Store
from sensor_pipeline.arrivals import inputs_by_hour
from sensor_pipeline.detection.detectors import Detectors, score_windows
from sensor_pipeline.detection.events import Event, find_events
from sensor_pipeline.hour import fetch_windows, read_hour, sort_files
from sensor_pipeline.intake import Intake
from sensor_pipeline.object_names import ASIDE, Hour
from sensor_pipeline.plant import Fault, capture, plant
from sensor_pipeline.plot import plot
from sensor_pipeline.readings.names import FOLDER, HOUR, KINDS, key_of, utc_now
from sensor_pipeline.settings import SensorSettings, load_settings
from sensor_pipeline.training import recent_hours, recent_windows, train

DEVICES = ("mill", "press", "pump")
EVERY = 10
MADE = {"media", "ops", "anomalies.json", "anomalies.png"}


def faults_of(day: datetime) -> list[Fault]:
    """One of each kind."""

    def fault(
        device: str, sensor: str, hour: float, minutes: float, kind: str, size: float
    ) -> Fault:
        start = day + timedelta(hours=hour)
        return Fault(
            device=device,
            sensor=sensor,
            start=start,
            lasts=timedelta(minutes=minutes),
            kind=kind,
            size=size,
        )

    return [
        fault("pump", "vibration", 3.5, 0.5, "spike", 25),
        fault("press", "pressure", 8.25, 30, "step", 15),
        fault("mill", "temperature", 13.0, 90, "drift", 40),
        fault("pump", "current", 20.75, 10, "dead", 0),
    ]


def simulate(media: Store) -> tuple[datetime, list[Fault]]:
    """Two days in files of an hour, as Capture writes them; when the second begins, its faults."""
    day = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    second = day + timedelta(days=1)
    faults = faults_of(second)
    rows = plant(DEVICES, start=day, hours=48, every=EVERY, faults=faults)
    first = 0
    for (hour,), part in rows.group_by(pl.col("time").dt.truncate("1h"), maintain_order=True):
        assert isinstance(hour, datetime)
        media.write(
            f"{FOLDER}/plant/telemetry/0/{hour:%Y/%m/%d/%H/%M/%S}.avro", capture(part, first=first)
        )
        first += len(part)
    return second, faults


def clear(folder: Path, *, keep: Path | None) -> None:
    """Delete what a demo left there, and nothing else."""
    inside = keep is not None and keep.resolve().is_relative_to(folder.resolve())
    if inside or (folder.exists() and {each.name for each in folder.iterdir()} - MADE):
        raise PermanentError(f"{folder} holds what the demo did not make: name another folder")
    shutil.rmtree(folder, ignore_errors=True)


def bring(path: Path, media: Path) -> None:
    """Copy files of readings to where they are dropped."""
    if path.is_dir():
        found = [each for each in sorted(path.rglob("*")) if extension(each.name) in KINDS]
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise PermanentError(f"{path} has no readings: it should be of {', '.join(KINDS)} files")
    for each in found:
        place = media / FOLDER / (each.relative_to(path) if path.is_dir() else each.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each, place)


def read_all(intake: Intake, settings: SensorSettings) -> list[Hour]:
    """The hours that there are readings of, read."""
    counts = sort_files(intake)
    found = inputs_by_hour(intake.media.list(FOLDER), intake.ops.list(ASIDE), wait=settings.wait)
    hours = []
    for hour in (Hour(key_of(each)) for each in found):
        read = read_hour(
            intake,
            hour,
            shards=1,
            seconds=settings.window_seconds,
            aggregate=settings.aggregate,
            wait=settings.wait,
        )
        counts.broken += read.counts.broken
        if read.windows:
            hours.append(hour)
    for line in counts.broken:
        print(line, file=sys.stderr)
    if not hours:
        raise PermanentError("there is not one reading in these files: see docs/sensors.md")
    return hours


def score_all(ops: Store, hours: Sequence[Hour], detectors: Detectors) -> pl.DataFrame:
    """The scores of those hours."""
    return pl.concat(
        score_windows(fetch_windows(ops, hour, 0)[0], detectors, digest="demo").scores
        for hour in hours
    )


def report(events: Sequence[Event], faults: Sequence[Fault]) -> None:
    """What was found, beside what had been put in."""
    left = list(events)
    for fault in faults:
        hits = [
            event
            for event in left
            if (event.device, event.sensor) == (fault.device, fault.sensor)
            and event.start < fault.end + HOUR / 6
            and event.end > fault.start
        ]
        put_in = f"{fault.kind:6} {fault.device} {fault.sensor} {fault.start:%d %H:%M:%S}"
        left = [event for event in left if event not in hits]
        print(f"put in: {put_in:44} found: {_said(hits[0]) if hits else 'no'}")
    for event in left[:20]:
        what = "put in: none" if faults else "event"
        print(f"{what:52} found: {event.device} {event.sensor} {_said(event)}")


def _said(event: Event) -> str:
    return f"{event.start:%d %H:%M:%S} to {event.end:%H:%M:%S}, score {event.peak_score:.1f}"


def run(path: Path | None, folder: Path) -> list[Event]:
    """All of it; what comes out is below `folder`."""
    settings = load_settings()
    clear(folder, keep=path)
    media, ops = (Store(url=(folder.absolute() / name).as_uri()) for name in ("media", "ops"))
    started = time.monotonic()
    faults: list[Fault] = []
    since: datetime | None = None
    if path:
        bring(path, folder / "media")
    else:
        since, faults = simulate(media)
    with scratch() as work:
        intake = Intake(
            media=media,
            ops=ops,
            fields=settings.fields,
            folder=work,
            first=datetime(1970, 1, 1),
            until=utc_now() + timedelta(days=1),
        )
        hours = read_all(intake, settings)
    if len(hours) < 2:
        raise PermanentError(f"all readings are of {hours[0].key} UTC: one more hour is needed")
    cut = sum(hour.key < key_of(since) for hour in hours) if since else -(-len(hours) // 2)
    learned = [hour for hour in recent_hours(ops, days=10_000) if hour in hours[:cut]]
    trained = train(recent_windows(ops, learned, 0, 1), settings.recipe, before=None)
    for line in trained.failed:
        print(line, file=sys.stderr)
    scores = score_all(ops, hours[cut:], trained.detectors)
    events = find_events(scores, settings.hysteresis, window=settings.window)
    report(events, faults)
    (folder / "anomalies.json").write_text(json.dumps([e.as_json() for e in events], indent=1))
    (folder / "anomalies.png").write_bytes(plot(events, scores, title=f"{len(events)} events"))
    print(
        f"{len(trained.detectors)} detectors, {len(scores)} windows scored, "
        f"{len(events)} events in {time.monotonic() - started:.0f} s"
    )
    print(f"plot: {folder / 'anomalies.png'}")
    return events


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="demo-sensors",
    help="Replaced if it is there.",
)
def main(path: Path | None, out: Path) -> None:
    """Readings to anomalies, without Dagster. PATH is a file or folder of readings."""
    try:
        run(path, out)
    except PermanentError as error:
        raise click.ClickException(error.advice()) from None


if __name__ == "__main__":
    main()
