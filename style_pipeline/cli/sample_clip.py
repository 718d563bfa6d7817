"""A short clip for those who have none at hand: a sun over hills and a lake, with a soft chord."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

WIDTH, HEIGHT, FPS, SECONDS, SAMPLE_RATE = 480, 270, 25, 4, 48_000
CHORD = (220.0, 277.18, 329.63)  # Hz: A major

Array = npt.NDArray[np.float64]


def write_clip(path: Path) -> None:
    """Write the clip as an MP4 file: H.264, 480x270, 25 fps, 4 s, with stereo AAC."""
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "16"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        for number in range(FPS * SECONDS):
            image = (draw(number / FPS) * 255).round().clip(0, 255).astype(np.uint8)
            container.mux(video.encode(VideoFrame.from_ndarray(image)))
        frame = AudioFrame.from_ndarray(play().astype(np.float32), "fltp", "stereo")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
        container.mux(sound.encode(frame))
        for stream in (video, sound):
            container.mux(stream.encode(None))


def draw(time: float) -> Array:
    """The scene at a time in seconds: float RGB (H, W, 3) in [0, 1]."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT
    horizon = 0.62
    mirrored = np.where(y < horizon, y, 2 * horizon - y)
    ripple = np.where(y < horizon, 0, 0.02 * np.sin(90 * y - 5 * time + 6 * np.sin(4 * x)))
    image = sky(x + ripple, mirrored, time)
    for depth, shade in enumerate(((0.42, 0.36, 0.52), (0.26, 0.30, 0.40), (0.10, 0.20, 0.22))):
        slope = (x + ripple) * (2.1 + depth) + time * 0.06 * (depth + 1) + depth * 1.7
        ridge = horizon - (0.20 - 0.06 * depth) * (0.6 + 0.4 * np.sin(slope) * np.cos(slope * 1.7))
        image = blend(image, shade, mirrored > ridge)
    return np.where((y > horizon)[..., None], image * (0.75, 0.85, 0.95), image)


def sky(x: Array, y: Array, time: float) -> Array:
    """A dusk sky with drifting clouds and a sinking sun."""
    top, bottom = np.array((0.16, 0.22, 0.48)), np.array((0.98, 0.66, 0.38))
    image = top + (bottom - top) * np.clip(y / 0.6, 0, 1)[..., None]
    drift = x * 5 - time * 0.25
    clouds = np.sin(drift + 3 * np.sin(y * 9)) * np.sin(y * 26 + 2 * np.sin(drift))
    image = blend(image, (1.0, 0.86, 0.76), 0.5 * np.clip(clouds, 0, 1) * (y < 0.45))
    away = np.hypot(x - 1.15 - 0.02 * time, y - 0.22 - 0.03 * time)
    return blend(image, (1.0, 0.95, 0.70), np.clip((0.085 - away) * 60, 0, 1))


def blend(image: Array, color: tuple[float, float, float], amount: Array) -> Array:
    return image + (np.array(color) - image) * amount[..., None]


def play() -> Array:
    """A chord that swells and fades: float (2, samples) in [-1, 1]."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    swell = np.sin(np.pi * time / SECONDS) * 0.25
    left = sum(np.sin(2 * np.pi * pitch * time) for pitch in CHORD) / len(CHORD)
    right = sum(np.sin(2 * np.pi * (pitch + 0.7) * time) for pitch in CHORD) / len(CHORD)
    return np.stack([left, right]) * swell
