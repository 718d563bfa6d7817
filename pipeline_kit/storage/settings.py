"""The settings of one store."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr

from pipeline_kit.settings import BadSetting, Settings
from pipeline_kit.storage.backends import check_address
from pipeline_kit.storage.objects import InvalidAddress
from pipeline_kit.storage.store import Store


class StoreSettings(Settings):
    """Where a store is and what it is entered with; each store has a prefix of its own."""

    url: str = Field(
        default="", description="`file:///folder` or `az://account/container[/prefix]`"
    )
    sas_token: SecretStr = Field(
        default=SecretStr(""),
        description="how a container is entered; without it, by the identity of the workload, of "
        "the machine or of `az login`",
    )
    endpoint: str = Field(
        default="", description="another Blob endpoint than the account's, such as the emulator's"
    )
    account_key: SecretStr = Field(default=SecretStr(""), description="for the emulator only")

    @classmethod
    def load(cls, prefix: str) -> Self:
        """As of all settings; what is wrong with an address is found before it is used."""
        loaded = super().load(prefix)
        try:
            if loaded.url:
                check_address(loaded.store())
        except InvalidAddress as error:
            field, _, reason = str(error).partition(": ")
            if field not in cls.model_fields:  # of the URL's prefix, which is an object's name
                field, reason = "url", str(error)
            equals = "=" if reason.startswith("'") else ": "  # before a value that is shown
            raise BadSetting(f"{prefix}{field.upper()}{equals}{reason}") from None
        return loaded

    def store(self, *, default_url: str = "") -> Store:
        """The store that they name."""
        return Store(
            url=self.url or default_url,
            sas_token=self.sas_token.get_secret_value(),
            endpoint=self.endpoint,
            account_key=self.account_key.get_secret_value(),
        )


def local_url(name: str) -> str:
    """The folder of that name, in small letters, in the one that is worked in: a store without a
    URL."""
    return (Path.cwd() / name.lower()).as_uri()
