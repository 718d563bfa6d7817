from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame

from style_pipeline.media.filters import filter_graph


def test_filters_come_one_after_another() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8)
    frame = VideoFrame.from_ndarray(picture, format="gray")
    frame.time_base = Fraction(1, 25)
    graph = filter_graph(frame, ("hflip", ""), ("crop", "4:8:0:0"))
    graph.vpush(frame)
    np.testing.assert_array_equal(graph.vpull().to_ndarray(), picture[:, :3:-1])
