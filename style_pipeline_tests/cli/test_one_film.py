from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.cli.one_film import Workplace
from style_pipeline.object_names import Video
from style_pipeline.resources.models import trained_styles
from style_pipeline_tests.assets.journey import publish_small_network


def test_a_clip_is_put_where_it_would_be_dropped_and_its_network_beside_it(tmp_path: Path) -> None:
    library = Store(url=(tmp_path / "library").as_uri())
    sha256 = publish_small_network(library, "small", seed=1)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"this is no video")
    video = Video("small/clip.mp4")
    with dg.DagsterInstance.ephemeral() as instance:
        work = Workplace(tmp_path / "work", video, instance)
        work.bring(clip, library=library)
        stores = work.stores()
        assert stores["media"].read(video.source) == clip.read_bytes()
        assert trained_styles(stores["ops"])["small"] == sha256
        with pytest.raises(dg.Failure, match=r"small/clip\.mp4: clip\.mp4 cannot be decoded"):
            work.read()
