"""Who is told of films and styles."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from pipeline_kit.orchestration.notifications import SIGNATURE, TIMESTAMP, signature
from style_pipeline.definitions import defs
from style_pipeline.notices import film_notice, notifier, style_notice
from style_pipeline.settings import PREFIX

SECRET = "a secret that nobody prints"


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What was posted to the webhook that is set, with the signatures checked."""
    found: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            expected = signature(SECRET, self.headers[TIMESTAMP], body)
            assert self.headers[SIGNATURE] == f"sha256={expected}"
            found.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv(f"{PREFIX}WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/films")
        monkeypatch.setenv(f"{PREFIX}WEBHOOK_SECRET", SECRET)
        yield found
        server.shutdown()
        thread.join()


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["ink/clip.mp4"]))
def styled_video(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    if "broken" in context.run.tags:
        raise dg.Failure("ink/clip.mp4: a check failed", allow_retries=False)
    return dg.MaterializeResult(
        metadata={"film": "/media/styled/ink/clip.mp4", "seconds": 90.0, "style": "ink"}
    )


@pytest.mark.parametrize(
    ("sensor", "broken"), [("tell_what_is_done", False), ("tell_what_failed", True)]
)
def test_a_webhook_is_told_of_a_film_once_and_signed(
    sensor: str, broken: bool, posted: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    with dg.instance_for_test() as instance:
        tells = defs.get_repository_def().get_sensor_def(sensor)
        cursor = None
        for _ in range(3):
            with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
                cursor = tells.evaluate_tick(context).cursor
            if _ == 0:
                dg.materialize(
                    [styled_video],
                    instance=instance,
                    partition_key="ink/clip.mp4",
                    tags={"broken": "1"} if broken else {},
                    raise_on_error=False,
                )
    (notice,) = posted
    if broken:
        assert (notice["kind"], notice["title"]) == ("failed", "styled_video ink/clip.mp4 failed")
        assert "a check failed" in notice["text"]
    else:
        assert notice["title"] == "ink/clip.mp4 is a film of 90 s now"
        assert (notice["kind"], notice["text"]) == ("done", "/media/styled/ink/clip.mp4")
    assert SECRET not in "".join(capfd.readouterr())


def test_by_default_nobody_is_told() -> None:
    assert not notifier()


def test_notices_say_what_is_left_out_and_which_style_there_is() -> None:
    notice = film_notice("ink/a.mkv", {"film": "a.mp4", "seconds": 7300, "left_out": "fonts"})
    assert notice.title == "ink/a.mkv is a film of 2 h 2 min now"
    assert notice.text == "a.mp4\nleft out: fonts"
    assert style_notice("night", {"model_hash": "ab"}).facts == {
        "style": "night",
        "model_hash": "ab",
    }
