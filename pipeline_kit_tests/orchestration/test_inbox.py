from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.orchestration.inbox import Inbox, run_key
from pipeline_kit.orchestration.ledger import Intake, Rejection
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store

READINGS = dg.DynamicPartitionsDefinition(name="readings")
INBOX = Inbox(
    asset="readings",
    folder="in",
    partitions=READINGS,
    key=lambda name: name.removeprefix("in/"),
    upload_tag="kit/upload",
)
FILE = StoredObject("in/a.csv", 7, "v1")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(url=tmp_path.as_uri())


def poll(store: Store, *, start: tuple[StoredObject, ...] = (), why: str = "") -> dg.SensorResult:
    rejected = (Rejection("in/b.csv", why),) if why else ()
    return INBOX.result([FILE], Intake(start, rejected, frozenset()), store, events=[])


def test_a_file_becomes_a_partition_an_arrival_and_a_run_for_its_version(store: Store) -> None:
    result = poll(store, start=(FILE,))
    (request,) = result.run_requests or ()
    assert (request.partition_key, request.tags["kit/upload"]) == ("a.csv", "v1")
    assert request.run_key == run_key("a.csv", FILE) == "a.csv@v1"
    assert run_key("a.csv", FILE, "g2") == "a.csv@v1@g2"
    (added,) = result.dynamic_partitions_requests or ()
    assert list(added.partition_keys) == ["a.csv"]
    (arrival,) = result.asset_events
    assert isinstance(arrival, dg.AssetMaterialization)
    assert arrival.metadata["bytes"].value == 7


def test_a_refused_file_cannot_write_markdown_into_the_ui(store: Store) -> None:
    (refusal,) = poll(store, why="![x](y.png) <b>_a_ *b* `c`").asset_events
    assert isinstance(refusal, dg.AssetObservation)
    assert (refusal.description or "").endswith(r" !\[x\](y.png) \<b\>\_a\_ \*b\* \`c\`")


def test_a_poll_that_finds_nothing_says_where_it_looked(store: Store, tmp_path: Path) -> None:
    skipped = poll(store).skip_reason
    assert skipped is not None
    assert str(skipped.skip_message) == f"nothing to start in {tmp_path}/in (objects: 1)"
    assert poll(store, start=(FILE,)).skip_reason is None
