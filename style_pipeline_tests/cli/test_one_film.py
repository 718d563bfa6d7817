from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.cli.one_film import Workplace
from style_pipeline.object_names import Video
from style_pipeline.resources.models import fetch_model, publish_model, trained_styles
from style_pipeline.styles import FINE
from style_pipeline_tests.assets.journey import publish_small_network


def test_a_clip_is_put_where_it_would_be_dropped_and_its_network_beside_it(tmp_path: Path) -> None:
    library = Store(url=(tmp_path / "library").as_uri())
    sha256 = publish_small_network(library, "small", seed=1)
    network = fetch_model(library, style="small", sha256=sha256, folder=tmp_path)
    publish_model(library, style="small", path=network, sha256="2" * 64, quality=FINE)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"this is no video")
    video = Video("small/clip.mp4")
    with dg.DagsterInstance.ephemeral() as instance:
        work = Workplace(tmp_path / "work", video, instance)
        work.bring(clip, library=library)
        stores = work.stores()
        assert stores["media"].read(video.source) == clip.read_bytes()
        assert trained_styles(stores["ops"])["small"] == sha256
        assert trained_styles(stores["ops"], FINE)["small"] == "2" * 64
        with pytest.raises(dg.Failure, match=r"small/clip\.mp4: clip\.mp4 cannot be decoded"):
            work.read()
