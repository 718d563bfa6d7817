"""The settings of the service: environment variables that begin with `SCORING_SERVICE_`."""

import re
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from pipeline_kit.settings import Settings
from pipeline_kit.storage.settings import StoreSettings, local_url
from pipeline_kit.storage.store import Store

PREFIX: Final = "SCORING_SERVICE_"
OPS: Final = f"{PREFIX}OPS_"
MEDIA: Final = f"{PREFIX}MEDIA_"
"""The stores, of published models and of videos and films, have the settings of `StoreSettings`."""
T = TypeVar("T", str, SecretStr)
_KEY: Final = re.compile(r"([\w.-]{1,64}):([0-9a-f]{64})")


class ServiceSettings(Settings):
    """All settings but those of the stores."""

    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port; 0 for a free one")
    oidc_issuer: str = Field(
        default="",
        description="where people sign in: an OpenID provider, as it calls itself, such as "
        "`https://login.microsoftonline.com/TENANT/v2.0`",
    )
    oidc_client_id: str = Field(default="", description="what the provider calls this service")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="its password there; sessions are signed by what follows from it",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^/?#@]+)?/?$",
        description="what people call this service, such as `https://studio.example.org`: the "
        "provider sends them back to `/signin/callback` there",
    )
    keys: SecretStr = Field(
        default=SecretStr(""),
        description="who may ask: `name:hash`, separated by commas; "
        "`python -m scoring_service.access NAME` makes one. They, or a provider, are needed beyond "
        "this machine",
    )
    requests_per_second: float = Field(
        default=100, ge=0, le=1e6, description="of one key's name; 0 for no limit"
    )
    faq: str = Field(
        default="faq.csv",
        description="the dropped FAQ whose published model answers; `none` for no questions",
    )
    faq_digest: str = Field(
        default="",
        pattern=r"^([0-9a-f]{64})?$",
        description="one model of it to stay with, as a canary does",
    )
    classifiers: str = Field(
        default="",
        description="`name=source`, separated by commas; the first is asked by default. Sources: "
        "`torchvision:resnet152`, `efficientnet-lite:2`, or a file of ONNX, SavedModel, OpenVINO",
    )
    device: str = Field(
        default="auto",
        pattern="^(auto|cpu|cuda)$",
        description="of classifiers by name and of styles; `auto` for a GPU where there is one",
    )
    stylize: bool = Field(default=True, description="whether pictures are stylized")
    films: bool = Field(default=True, description="whether videos are taken and films are shown")
    upload_gigabytes: float = Field(
        default=5, gt=0, le=100, description="of a video; Azure takes 5.2 by a link"
    )
    links_per_hour: float = Field(
        default=20, gt=0, le=10_000, description="videos that a person may upload"
    )
    dagster_url: str = Field(
        default="http://127.0.0.1:3000",
        pattern=r"^https?://[^?#@]+$",
        description="Dagster's web server, which is asked how far a film is",
    )
    poll_seconds: float = Field(
        default=5, ge=0.1, le=3600, description="between two polls for models that were published"
    )
    queue: int = Field(
        default=256, ge=1, le=100_000, description="requests that wait for a model; others get 429"
    )
    batch: int = Field(default=32, ge=1, le=1024, description="of them that a model takes at once")
    deadline_seconds: float = Field(
        default=30,
        ge=0.1,
        le=600,
        description="for a request; then it gets 504. What reads or moves a whole video has 300 "
        "at least",
    )
    megabytes: float = Field(
        default=8, gt=0, le=1000, description="of a request's body; a larger one gets 413"
    )
    megapixels: float = Field(
        default=40, gt=0, le=1000, description="of a picture; a larger one gets 413"
    )
    stylize_megapixels: float = Field(
        default=13,
        gt=0,
        le=1000,
        description="of a picture that is stylized; 13 take 0.7 GB of memory, and three seconds "
        "of a core",
    )
    drain_seconds: float = Field(
        default=5,
        ge=0,
        le=600,
        description="after SIGTERM, in which it still answers and says that it is not ready",
    )

    @field_validator("keys")
    @classmethod
    def _are_hashes(cls, value: SecretStr) -> SecretStr:
        for part in filter(None, value.get_secret_value().split(",")):
            if not _KEY.fullmatch(part.strip()):
                raise ValueError("each key should read name:hash, with 64 hexadecimal digits")
        return value

    @field_validator("classifiers")
    @classmethod
    def _have_names(cls, value: str) -> str:
        for part in filter(None, value.split(",")):
            name, _, source = part.strip().partition("=")
            if not re.fullmatch(r"[\w.-]{1,64}", name) or not source:
                raise ValueError(f"{part.strip()!r} should read name=source")
        return value

    @field_validator("keys")
    @classmethod
    def _are_needed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        set_otherwise = value.get_secret_value() or info.data.get("oidc_issuer")
        if not set_otherwise and not is_here(str(info.data.get("host"))):
            raise ValueError("it is needed where the service listens beyond this machine")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_by_tls(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and parts.scheme != "https" and not is_here(parts.hostname or ""):
            raise ValueError("it should begin with https://")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def _belong_to_a_provider(cls, value: T, info: ValidationInfo) -> T:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if info.data.get("oidc_issuer") and not text:
            raise ValueError("it is needed where people sign in at a provider")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_known(cls, value: str, info: ValidationInfo) -> str:
        beyond = not is_here(str(info.data.get("host")))
        if info.data.get("oidc_issuer") and beyond and not value.startswith("https://"):
            raise ValueError("it is needed, with https://, where people sign in at a provider")
        return value.rstrip("/")

    @property
    def key_hashes(self) -> tuple[tuple[str, str], ...]:
        """A name, and the hash of one of its keys."""
        found = _KEY.findall(self.keys.get_secret_value())
        return tuple((str(name), str(hashed)) for name, hashed in found)

    @property
    def classifier_sources(self) -> dict[str, str]:
        parts = (part.strip().partition("=") for part in self.classifiers.split(",") if part)
        return {name: source for name, _, source in parts}


def is_here(host: str) -> bool:
    """Whether an address or a name is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings() -> ServiceSettings:
    """What the environment says. Raises `BadSetting` naming the variable that is wrong."""
    return ServiceSettings.load(PREFIX)


def ops_store() -> Store:
    """Where models are published; without a URL the project's folder `ops/`."""
    return StoreSettings.load(OPS).store(default_url=local_url("ops"))


def media_store() -> Store:
    """Where videos are dropped; without a URL the project's folder `media/`."""
    return StoreSettings.load(MEDIA).store(default_url=local_url("media"))
