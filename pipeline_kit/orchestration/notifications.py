"""People are told: a webhook and mail, each where it is set; by sensors on the status of runs."""

import hashlib
import hmac
import http.client
import json
import re
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from pipeline_kit.settings import Settings

SIGNATURE, TIMESTAMP = "X-Pipeline-Signature", "X-Pipeline-Timestamp"
TRIES: Final = 3
SECONDS: Final = 5
"""That an endpoint may take to answer: with all tries, of a webhook and mail, 40 of the 60 seconds
that Dagster gives a tick."""
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What people are told."""

    kind: str
    """Such as `failed` or `anomalies`: what a receiver sorts by."""
    title: str
    """One line."""
    text: str = ""
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


class NotificationSettings(Settings):
    """Where notices go; none where nothing is set."""

    webhook_url: SecretStr = Field(
        default=SecretStr(""),
        description="where notices are posted as JSON: https, or http on this machine",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="signs them: HMAC-SHA256 of timestamp, a dot and the body, in hexadecimal",
    )
    mail_url: SecretStr = Field(
        default=SecretStr(""),
        description="the mail server: `smtps://user@host:465`, `smtp://user@host:587` (STARTTLS)",
    )
    mail_secret: SecretStr = Field(default=SecretStr(""), description="the user's password there")
    mail_from: str = Field(default="", description="the sender's address")
    mail_to: str = Field(
        default="", validate_default=True, description="addresses, separated by commas"
    )

    @field_validator("webhook_url")
    @classmethod
    def _is_safe(cls, value: SecretStr) -> SecretStr:
        parts = _parts(value)
        safe = parts and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        )
        if value.get_secret_value() and not safe:
            raise ValueError("it should read https://host/path")
        return value

    @field_validator("mail_url")
    @classmethod
    def _is_mail(cls, value: SecretStr) -> SecretStr:
        parts = _parts(value)
        known = parts and parts.scheme in ("smtp", "smtps") and parts.password is None
        if value.get_secret_value() and not known:
            raise ValueError("it should read smtps://user@host:465, the password apart")
        return value

    @field_validator("mail_to")
    @classmethod
    def _are_addresses(cls, value: str, info: ValidationInfo) -> str:
        addresses = [each.strip() for each in value.split(",")] if value else []
        if not all(re.fullmatch(r"[^@\s]+@[^@\s]+", each) for each in addresses):
            raise ValueError("it should read editor@example.org, other@example.org")
        mail_url = info.data.get("mail_url")
        if mail_url and mail_url.get_secret_value() and not addresses:
            raise ValueError("it is needed where there is a mail server")
        return value

    def notifier(self) -> "Notifier":
        return Notifier(
            webhook_url=self.webhook_url.get_secret_value(),
            webhook_secret=self.webhook_secret.get_secret_value(),
            mail_url=self.mail_url.get_secret_value(),
            mail_secret=self.mail_secret.get_secret_value(),
            mail_from=self.mail_from,
            mail_to=self.mail_to,
        )


def _parts(url: SecretStr) -> SplitResult | None:
    """Of a URL that can be opened, or None: what opens it would show it in its error."""
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        can_be_opened = bool(parts.hostname and parts.port != 0)  # a port may be no number
    except ValueError:
        return None
    return parts if can_be_opened and re.fullmatch(r"[!-~]+", text) else None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A receiver that moved is set again: what is signed goes nowhere else."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Sends notices to where it is told; no secret of it is shown or logged."""

    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    mail_url: str = field(default="", repr=False)
    mail_secret: str = field(default="", repr=False)
    mail_from: str = ""
    mail_to: str = ""
    pause: Callable[[float], None] = time.sleep

    def __bool__(self) -> bool:
        return bool(self.webhook_url or (self.mail_url and self.mail_to))

    def send(self, notice: Notice) -> list[str]:
        """Send it everywhere; a line for each place that did not take it after `TRIES` tries."""
        places = {}
        if self.webhook_url:
            places[f"the webhook at {urlsplit(self.webhook_url).hostname}"] = self._post
        if self.mail_url and self.mail_to:
            places[f"the mail server {urlsplit(self.mail_url).hostname}"] = self._mail
        problems = []
        for place, send in places.items():
            if problem := self._tried(send, notice):
                problems.append(f"{place} did not take {notice.title!r}: {problem}")
        return problems

    def _tried(self, send: Callable[[Notice], None], notice: Notice) -> str:
        problem = ""
        for number in range(TRIES):
            if number:
                self.pause(4.0 ** (number - 1))
            try:
                send(notice)
            except urllib.error.HTTPError as error:
                problem = f"HTTP {error.code}"
                error.close()
                if error.code < 500 and error.code not in (408, 429):
                    break
            except smtplib.SMTPResponseException as error:
                problem = f"{type(error).__name__} {error.smtp_code}"
                if error.smtp_code >= 500:
                    break
            except (
                OSError,
                http.client.HTTPException,
                smtplib.SMTPException,
                ValueError,
            ) as error:
                # Not its text: a library's may show the URL, which may be the secret.
                problem = type(getattr(error, "reason", error)).__name__
            else:
                return ""
        return problem

    def _post(self, notice: Notice) -> None:
        body = json.dumps(asdict(notice)).encode()
        now = str(int(time.time()))
        headers = {"Content-Type": "application/json", TIMESTAMP: now}
        if self.webhook_secret:
            headers[SIGNATURE] = f"sha256={signature(self.webhook_secret, now, body)}"
        request = urllib.request.Request(self.webhook_url, body, headers, method="POST")
        with _OPENER.open(request, timeout=SECONDS) as answer:
            answer.read(1)

    def _mail(self, notice: Notice) -> None:
        message = EmailMessage()
        # A header is one line, whoever named what it is about.
        message["Subject"] = " ".join(notice.title.split())
        message["From"] = self.mail_from or self.mail_to.split(",")[0].strip()
        message["To"] = self.mail_to
        facts = "\n".join(f"{name}: {value}" for name, value in notice.facts.items())
        message.set_content("\n\n".join(filter(None, (notice.text, facts))) or notice.title)
        parts = urlsplit(self.mail_url)
        host, trust = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=SECONDS, context=trust
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
        with server:
            if parts.scheme == "smtp" and host not in _LOCAL:
                server.starttls(context=trust)
            if parts.username:
                server.login(parts.username, self.mail_secret)
            server.send_message(message)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver compares: see `NotificationSettings.webhook_secret`."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
