from pathlib import Path

from pipeline_kit.storage.store import Store
from style_pipeline.status.untrained import waiting_videos
from style_pipeline.status.video_status import State, VideoStatus


def waiting(
    media: Store, *, trained: dict[str, str], fitted: dict[str, str] | None = None
) -> list[VideoStatus]:
    listed = media.list("videos"), media.list("styles")
    return waiting_videos(media, *listed, trained=trained, fitted=lambda: fitted or {})


def test_videos_wait_until_their_style_is_trained(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    for name in (
        *("styles/night.jpg", "styles/day.jpg", "styles/ink.jpg"),
        *("videos/night/clip.mp4", "videos/night/style.toml", "videos/night/.clip.mov"),
        *("videos/ink/a.mp4", "videos/other/b.mp4"),
    ):
        media.write(name, b"something")
    (video,) = waiting(media, trained={"ink": "1" * 64})
    assert (video.key, video.state) == ("night/clip.mp4", State.WAITING)
    assert video.reason == (
        "style 'night' has a painting and no trained network yet: "
        "it starts by itself once style_model has made one"
    )


def test_videos_wait_until_the_fine_body_is_fitted(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    trained = {"ink": "1" * 64, "night": "2" * 64}
    for name in ("styles/night.jpg", "videos/ink/a.mp4", "videos/night/b.mp4"):
        media.write(name, b"something")
    media.write("videos/ink/style.toml", b'quality = "fine"\nblend = { night = 1 }')
    (video,) = waiting(media, trained=trained)
    assert (video.key, video.waits_for) == ("ink/a.mp4", "night/fine")
    assert video.reason == (
        "style 'night' is not fitted to the fine body yet: "
        "it starts by itself once style_model has made night/fine"
    )
    assert waiting(media, trained=trained, fitted={"night": "3" * 64}) == []


def test_videos_wait_in_the_further_styles_of_their_settings_too(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    for name in ("styles/night.jpg", "videos/ink/a.mp4"):
        media.write(name, b"something")
    media.write("videos/ink/style.toml", b'also = ["night"]')
    (video,) = waiting(media, trained={"ink": "1" * 64})
    assert (video.key, video.state) == ("night/a.mp4", State.WAITING)
