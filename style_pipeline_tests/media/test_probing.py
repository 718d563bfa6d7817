import shlex
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline_tests.clips import H264, plain


@pytest.mark.parametrize("matrix", ["ycgco", "bt2020c"])
def test_a_matrix_that_is_not_supported_is_refused_with_the_command_that_converts_it(
    matrix: str, tmp_path: Path
) -> None:
    tagged = ["-vf", f"setparams=colorspace={matrix}", "-colorspace", matrix]
    name = "it's.mkv"
    source = plain(name, *H264, *tagged)(tmp_path)
    with pytest.raises(UnreadableVideo, match=r"color matrix .* is not supported") as caught:
        index_frames(source)
    command = str(caught.value).partition("convert it with ")[2]
    program, *arguments = shlex.split(command)
    assert program == "ffmpeg"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments],
        cwd=tmp_path,
        check=True,
    )
    assert len(index_frames(tmp_path / arguments[-1])) == 24
