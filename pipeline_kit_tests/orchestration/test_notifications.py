"""Notices reach a real web server and a real mail server, signed, or say who did not take them."""

import json
import smtplib
import socketserver
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline_kit.orchestration.notifications import (
    SECONDS,
    SIGNATURE,
    TIMESTAMP,
    TRIES,
    Notice,
    NotificationSettings,
    Notifier,
    signature,
)
from pipeline_kit.settings import BadSetting
from pipeline_kit_tests.http_server import serving

NOTICE = Notice(kind="failed", title="press\r\nBcc: x@example.org", text="why", facts={"run": "1"})


@dataclass
class Receiver:
    answers: list[int]
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret-path"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.taken.append((dict(self.headers), body))
            status = found.answers.pop(0) if found.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        found.port = server.server_address[1]
        yield found


def notifier(**settings: str) -> Notifier:
    pauses: list[float] = []
    return Notifier(**settings, pause=pauses.append)


def test_a_notice_is_json_that_its_receiver_can_verify(receiver: Receiver) -> None:
    assert notifier(webhook_url=receiver.url, webhook_secret="key").send(NOTICE) == []
    ((headers, body),) = receiver.taken
    told = json.loads(body)
    assert (told["kind"], told["text"], told["facts"]) == ("failed", "why", {"run": "1"})
    assert headers["Content-Type"] == "application/json"
    assert headers[SIGNATURE] == f"sha256={signature('key', headers[TIMESTAMP], body)}"


@pytest.mark.parametrize(
    ("answers", "tries", "problem"),
    [
        ([500, 429, 200], 3, None),
        ([503, 503, 503], 3, "HTTP 503"),
        ([403], 1, "HTTP 403"),
        ([302], 1, "HTTP 302"),
    ],
)
def test_what_may_be_better_in_a_moment_is_tried_again(
    receiver: Receiver, answers: list[int], tries: int, problem: str | None
) -> None:
    receiver.answers = answers
    problems = notifier(webhook_url=receiver.url).send(NOTICE)
    assert len(receiver.taken) == tries
    assert [problem in said for said in problems if problem] == ([True] if problem else [])


def test_nobody_there_is_a_line_without_the_address_s_path_or_any_secret(
    receiver: Receiver,
) -> None:
    sender = notifier(webhook_url="http://127.0.0.1:9/hook/s3cret-path", webhook_secret="hunter2")
    (problem,) = sender.send(NOTICE)
    assert problem.startswith("the webhook at 127.0.0.1 did not take")
    for shown in (problem, repr(sender)):
        assert "s3cret" not in shown
        assert "hunter2" not in shown


@pytest.mark.parametrize("answer", [b"hello\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 70_000])
def test_a_receiver_that_speaks_no_http_is_a_line_like_any_other(answer: bytes) -> None:
    class Mute(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(answer)

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mute)) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/hook/s3cret-path"
        (problem,) = notifier(webhook_url=url).send(NOTICE)
    assert problem.startswith("the webhook at 127.0.0.1 did not take")
    assert "s3cret" not in problem


def test_all_tries_of_both_places_end_before_dagster_gives_the_tick_up() -> None:
    pauses: list[float] = []
    nobody = {"webhook_url": "http://127.0.0.1:9/", "mail_url": "smtp://127.0.0.1:9"}
    problems = Notifier(**nobody, mail_to="a@example.org", pause=pauses.append).send(NOTICE)
    assert len(problems) == 2
    assert sum(pauses) + 2 * TRIES * SECONDS == 40


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        lines: list[bytes] = []
        in_data = False
        while line := self.rfile.readline():
            if in_data and line == b".\r\n":
                in_data = False
                self.server.taken.append(b"".join(lines))  # type: ignore[attr-defined]
                self.wfile.write(b"250 ok\r\n")
            elif in_data:
                lines.append(line)
            elif line.upper().startswith(b"DATA"):
                in_data = True
                self.wfile.write(b"354 go\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def test_mail_has_a_subject_of_one_line_whoever_named_what_it_is_about() -> None:
    taken: list[bytes] = []
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    mail.taken = taken  # type: ignore[attr-defined]
    with serving(mail) as server:
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        sent = notifier(mail_url=url, mail_to="a@example.org,b@example.org").send(NOTICE)
    assert sent == []
    text = taken[0].decode()
    assert "Subject: press Bcc: x@example.org\r\n" in text
    assert "\r\nBcc:" not in text
    assert "why" in text
    assert "run: 1" in text


def test_mail_that_is_refused_for_good_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = []

    def refuse(self: Notifier, notice: Notice) -> None:
        tries.append(notice)
        raise smtplib.SMTPAuthenticationError(535, b"password hunter2 is wrong")

    monkeypatch.setattr(Notifier, "_mail", refuse)
    (problem,) = notifier(mail_url="smtp://mail", mail_to="a@example.org").send(NOTICE)
    assert (len(tries), "hunter2" in problem) == (1, False)
    assert "535" in problem


def test_nothing_is_set_by_itself() -> None:
    assert not NotificationSettings.load("NO_SUCH_PREFIX_").notifier()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_URL", "http://example.org/s3cret"),
        ("WEBHOOK_URL", "ftp://example.org/s3cret"),
        ("WEBHOOK_URL", "s3cret"),
        ("WEBHOOK_URL", "https://example.org:port/s3cret"),
        ("WEBHOOK_URL", "https://example.org/s3cret of two"),
        ("WEBHOOK_URL", "https://[::1/s3cret"),
        ("MAIL_URL", "smtp://example.org:s3cret"),
        ("MAIL_URL", "smtp://user:s3cret@example.org"),
        ("MAIL_URL", "example.org/s3cret"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_and_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TEST_{name}", value)
    with pytest.raises(BadSetting, match=f"^TEST_{name}: it should read") as error:
        NotificationSettings.load("TEST_")
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("value", ["editor", "a@example.org,", "a@example.org b@example.org"])
def test_mail_goes_to_addresses(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MAIL_TO", value)
    with pytest.raises(BadSetting, match=r"^TEST_MAIL_TO: it should read editor@example.org"):
        NotificationSettings.load("TEST_")


def test_a_mail_server_without_addresses_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MAIL_URL", "smtps://films@example.org")
    with pytest.raises(BadSetting, match=r"^TEST_MAIL_TO: it is needed where"):
        NotificationSettings.load("TEST_")
    monkeypatch.setenv("TEST_MAIL_TO", "a@example.org, b@example.org")
    assert NotificationSettings.load("TEST_").notifier()
