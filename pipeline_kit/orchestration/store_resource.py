"""A store as a resource of Dagster."""

from collections.abc import Iterable

import dagster as dg
from pydantic import ConfigDict, Field

from pipeline_kit.storage.settings import StoreSettings, local_url
from pipeline_kit.storage.store import Store


class StoreResource(dg.ConfigurableResource[Store]):
    """Hands assets and sensors a `Store`; secrets are looked up when it is handed out."""

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(description="`file:///folder`, or `az://account/container[/prefix]`.")
    sas_token: str = Field(
        default="",
        repr=False,
        description="SAS token of the container. Without it the identity of the workload, of the "
        "machine or of `az login` is used.",
    )
    endpoint: str = Field(
        default="",
        description="Address of the Blob service where it is not the account's own: another "
        "cloud's, or the emulator's, which is the only one that may be http.",
    )
    account_key: str = Field(
        default="", repr=False, description="Key of the emulator's account; refused elsewhere."
    )

    def create_resource(self, context: dg.InitResourceContext) -> Store:
        return Store(
            url=self.url,
            sas_token=self.sas_token,
            endpoint=self.endpoint,
            account_key=self.account_key,
        )


def store_resources(prefix: str, names: Iterable[str]) -> dict[str, StoreResource]:
    """Stores by their names in small letters; each has the settings that begin with the prefix and
    its name, and without a URL is `local_url`. Raises `BadSetting`."""
    return {name.lower(): _store_resource(f"{prefix}{name}_", local_url(name)) for name in names}


def _store_resource(prefix: str, default_url: str) -> StoreResource:
    settings = StoreSettings.load(prefix)
    # Dagster looks these up where they are used, and shows them nowhere.
    secrets = {
        field: dg.EnvVar(f"{prefix}{field.upper()}")
        for field in ("sas_token", "account_key")
        if getattr(settings, field).get_secret_value()
    }
    return StoreResource(url=settings.url or default_url, endpoint=settings.endpoint, **secrets)
