from pathlib import Path

import polars as pl

from pipeline_kit.storage.store import Store
from sensor_pipeline.tables import read_table, write_table


def test_names_are_categories_however_they_were_written(tmp_path: Path) -> None:
    store = Store(url=tmp_path.as_uri())
    texts = pl.DataFrame({"device": ["pump", "fan", "pump"], "value": [1.0, 2.0, 3.0]})
    categories = texts.cast({"device": pl.Categorical})
    for table in (texts, categories):
        write_table(store, "windows.parquet", table, version="2")
        found, about = read_table(store, "windows.parquet")
        assert found.equals(categories)
        assert found.schema == categories.schema
        assert about["version"] == "2"
