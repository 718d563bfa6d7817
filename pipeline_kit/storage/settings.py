"""The settings of one store."""

from pydantic import Field, SecretStr

from pipeline_kit.settings import Settings
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

    def store(self, *, default_url: str = "") -> Store:
        """The store that they name."""
        return Store(
            url=self.url or default_url,
            sas_token=self.sas_token.get_secret_value(),
            endpoint=self.endpoint,
            account_key=self.account_key.get_secret_value(),
        )
