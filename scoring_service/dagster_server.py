"""Dagster's web server, asked over GraphQL how far a video is. The service needs no Dagster."""

import time
from collections.abc import Callable
from typing import Any, Final

import httpx2

from scoring_service.progress import (
    PLAN,
    RECENT,
    Progress,
    Seen,
    chunk_keys,
    events_in,
    latest_failure,
    progress_of,
    runs_in,
)
from style_pipeline.status.video_status import CHUNKS, STEPS, State

SECONDS: Final = 10.0
"""For an answer, and before a server that gave none is asked again."""
_EVENT: Final = """timestamp partition metadataEntries {
    label ... on IntMetadataEntry { intValue } ... on FloatMetadataEntry { floatValue } }"""
_RUNS: Final = """... on Runs { results {
    runId status creationTime assetSelection { path } tags { key value } } }"""


def _latest(asset: str) -> str:
    return (
        f'{asset}: assetNodeOrError(assetKey: {{path: ["{asset}"]}}) {{ ... on AssetNode {{'
        f" latestMaterializationByPartition(partitions: $keys) {{ {_EVENT} }} }} }}"
    )


VIDEO: Final = f"""query Video($key: String!, $keys: [String!]) {{
  own: runsOrError(filter: {{tags: [{{key: "dagster/partition", value: $key}}]}}, limit: 20) {{
    {_RUNS} }}
  chunks: runsOrError(
    filter: {{tags: [{{key: "dagster/partition/video", value: $key}}]}}, limit: 200) {{ {_RUNS} }}
  {" ".join(map(_latest, STEPS))}
}}"""
CHUNKS_OF_IT: Final = f"""query Chunks($keys: [String!], $observed: [String!]!, $limit: Int!) {{
  {_latest(CHUNKS)} {_latest(PLAN)}
  said: assetOrError(assetKey: {{path: ["{CHUNKS}"]}}) {{ ... on Asset {{
    assetObservations(partitions: $observed, limit: $limit) {{ {_EVENT} }} }} }}
}}"""
FAILURE: Final = """query Failure($run: ID!, $cursor: String) {
  logsForRun(runId: $run, afterCursor: $cursor, limit: 1000) { ... on EventConnection {
    cursor hasMore events { ... on ExecutionStepFailureEvent {
      stepKey failureMetadata { description } error { message } } } } }
}"""


class Unreachable(Exception):
    """Dagster does not answer, or not as it should."""


class DagsterServer:
    """The one at `url`."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url.rstrip("/")
        self._client = httpx2.Client(timeout=SECONDS, trust_env=False)
        self._clock, self._silent_until = clock, 0.0

    def progress(self, key: str) -> Progress:
        """How far the video of that key is. Raises `Unreachable`."""
        try:
            return self._progress(key)
        except (KeyError, TypeError, ValueError) as error:
            said = f"Dagster at {self.url} answers otherwise than expected"
            raise Unreachable(f"{said}: is it another version?") from error

    def close(self) -> None:
        self._client.close()

    def _progress(self, key: str) -> Progress:
        told = self._ask(VIDEO, key=key, keys=[key])
        runs = runs_in([*told["own"]["results"], *told["chunks"]["results"]])
        seen = Seen(key, runs, {name: _by_partition(told[name]) for name in STEPS})
        if chunks := chunk_keys(seen):
            limit = RECENT * len(chunks)
            told = self._ask(CHUNKS_OF_IT, keys=chunks, observed=chunks, limit=limit)
            said = events_in(told["said"].get("assetObservations", ()))
            of_chunks = {name: _by_partition(told[name]) for name in (CHUNKS, PLAN)}
            seen = Seen(key, runs, {**seen.made, **of_chunks}, said)
        progress = progress_of(seen)
        if progress.state == State.FAILED and (failed := latest_failure(seen)):
            return progress_of(seen, reason=self._reason(failed))
        return progress

    def _reason(self, run: str) -> str:
        """The first line of what the last step of a run that failed said."""
        said, cursor, more = "", None, True
        while more:
            page = self._ask(FAILURE, run=run, cursor=cursor)["logsForRun"]
            for event in filter(None, page["events"]):
                described = (event.get("failureMetadata") or {}).get("description")
                said = described or (event.get("error") or {}).get("message") or said
            cursor, more = page["cursor"], page["hasMore"]
        lines = said.strip().splitlines()
        return lines[0] if lines else "its process ended before it was done"

    def _ask(self, query: str, **variables: Any) -> Any:
        if self._clock() < self._silent_until:
            raise self._silence()
        try:
            body = {"query": query, "variables": variables}
            answer = self._client.post(f"{self.url}/graphql", json=body).raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            self._silent_until = self._clock() + SECONDS
            raise self._silence() from None
        return answer["data"]

    def _silence(self) -> Unreachable:
        return Unreachable(f"Dagster does not answer at {self.url}: is it running?")


def _by_partition(node: Any) -> dict[str, Any]:
    found = events_in(node.get("latestMaterializationByPartition") or ())
    return {event.partition: event for event in found}
