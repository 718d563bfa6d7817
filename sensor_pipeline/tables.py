"""Tables in the ops store, as Parquet files."""

from io import BytesIO

import polars as pl
import polars.selectors as cs

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store


def write_table(store: Store, name: str, table: pl.DataFrame, **about: str) -> StoredObject:
    """Write a Parquet file; `about` is kept in its metadata."""
    buffer = BytesIO()
    table.write_parquet(buffer, metadata=about)
    return store.write(name, buffer.getvalue())


def read_table(store: Store, name: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """A table and what `write_table` kept about it; names are categories, also where they were
    written as texts. Raises `ObjectNotFound`."""
    data = BytesIO(store.read(name))
    about = pl.read_parquet_metadata(data)
    data.seek(0)
    return pl.read_parquet(data).with_columns(cs.string().cast(pl.Categorical)), about
