"""Short clips in HDR, as phones and cameras write them."""

from typing import cast

import numpy as np

from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import AAC, Maker, drifting, plain, tone

MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
SMALL = drifting("128x96", frames=20) + tone(0.8)


def hdr(name: str, transfer: str, *arguments: str, x265: str = "") -> Maker:
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    params = f"log-level=none:keyint=8{x265}"
    codec = ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", params]
    return plain(name, "-vf", tags, *codec, "-tag:v", "hvc1", *AAC, *arguments, inputs=SMALL)


HDR10 = hdr("a.mp4", "smpte2084", x265=f":hdr10=1:master-display={MASTERING}:max-cll=1000,400")
HLG = hdr("a.mov", "arib-std-b67")


def flat(level: float, video: VideoFormat) -> Picture:
    """A gray HDR picture, of a share of the signal."""
    planes = np.full(video.upright_shape, 512, np.uint16)
    planes[: video.height] = round(64 + 876 * level)
    return cast(Picture, planes)
