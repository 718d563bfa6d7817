from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.cli.sample_clip import write_clip
from style_pipeline.media.images import frames_as_images
from style_pipeline.media.indexing import index_frames


def test_the_generated_clip_moves_and_has_sound(tmp_path: Path) -> None:
    clip = tmp_path / "lake.mp4"
    write_clip(clip)
    index = index_frames(clip)
    assert (len(index), index.fps, index.video.upright_size) == (100, 25.0, (480, 270))
    assert len(set(index.checksums.tolist())) == 100, "no frame is like another"
    first, last = frames_as_images(clip, index, (0, 99))
    assert np.abs(np.asarray(first).astype(int) - np.asarray(last)).mean() > 3
    with av.open(str(clip)) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert sound.shape[1] / 48_000 == pytest.approx(4, abs=0.1)
    assert 0.05 < np.abs(sound).max() < 1, "to be heard, and not clipped"
