from pathlib import Path
from typing import Any

import pytest

from pipeline_kit.storage.objects import ObjectNotFound, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.resources import material
from style_pipeline.resources.material import (
    CannotTrain,
    fetch_perceptual,
    fetch_photographs,
    near,
)
from style_pipeline.training import perceptual_weights
from style_pipeline.training.perceptual_weights import NoDownload
from style_pipeline_tests.assets.studio import picture
from style_pipeline_tests.clips import H264, ffmpeg, moving
from style_pipeline_tests.training.vggs import save_vgg


@pytest.fixture
def media(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "media").as_uri())


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "ops").as_uri())


def photographs(where: str, media: Store, ops: Store, folder: Path) -> tuple[Any, str, list[str]]:
    warnings: list[str] = []
    folder.mkdir(exist_ok=True)
    found, source = fetch_photographs(
        where, media=media, ops=ops, folder=folder, warn=warnings.append
    )
    assert list(folder.iterdir()) == []
    return found, source, warnings


class TestPhotographs:
    def test_they_are_taken_from_a_folder_and_all_below(
        self, media: Store, ops: Store, tmp_path: Path
    ) -> None:
        elsewhere = Store(url=(tmp_path / "photos").as_uri())
        for name in ("a.jpg", "trip/a.jpg", "trip/b.png"):
            elsewhere.write(name, picture(1, kind="JPEG" if "jpg" in name else "PNG"))
        elsewhere.write("trip/readme.txt", b"no picture")
        elsewhere.write("trip/torn.jpg", b"no picture")
        for where in (elsewhere.url, str(tmp_path / "photos"), f"{elsewhere.url}/"):
            found, source, warnings = photographs(where, media, ops, tmp_path / "work")
            assert list(found) == ["000 a", "001 a", "002 b"]
            assert source == str(tmp_path / "photos")
            assert warnings == [
                "photograph left out: 003 torn.jpg is not a whole JPEG, PNG or WebP picture: "
                "export it as one"
            ]

    def test_one_that_is_deleted_meanwhile_is_not_missed(
        self, media: Store, ops: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("a.png", "b.png"):
            media.write(f"photographs/{name}", picture(1))
        download = Store.download

        def gone(store: Store, name: str, to: Path, *, etag: str | None = None) -> Any:
            if name == "a.png":
                raise ObjectNotFound("it is gone")
            return download(store, name, to, etag=etag)

        monkeypatch.setattr(Store, "download", gone)
        found, _, _ = photographs(f"{media.url}/photographs", media, ops, tmp_path / "work")
        assert list(found) == ["001 b"]

    def test_with_none_frames_of_the_videos_are_taken(
        self, media: Store, ops: Store, tmp_path: Path
    ) -> None:
        ffmpeg(*moving(frames=50, size="96x80"), *H264, tmp_path / "clip.mp4")
        ffmpeg("-f", "lavfi", "-i", "color=black:s=96x80:d=1", *H264, tmp_path / "black.mp4")
        for name in ("one/clip.mp4", "two/clip.mp4", "two/.clip.mp4", "two/clip.mp4.part"):
            media.upload(tmp_path / "clip.mp4", f"videos/{name}")
        media.upload(tmp_path / "black.mp4", "videos/one/black.mp4")
        media.write("videos/one/torn.mp4", b"no video")
        media.write("videos/one/style.toml", b"strength = 1")
        found, source, warnings = photographs("", media, ops, tmp_path / "work")
        assert source == "frames of 2 videos"
        assert {tuple(pixels.shape) for pixels in found.values()} == {(3, 80, 96)}
        assert len({name.rpartition(" ")[0] for name in found}) == 2
        assert len(warnings) == 1
        assert "no frames taken to learn from: 000 torn.mp4 cannot be decoded" in warnings[0]

    def test_large_videos_are_left_alone(
        self, media: Store, ops: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(material, "MOST_VIDEO_BYTES", 5)
        media.write("videos/one/clip.mp4", b"large video")
        with pytest.raises(CannotTrain) as raised:
            photographs("", media, ops, tmp_path / "work")
        assert str(raised.value) == (
            "there is nothing to learn from: set STYLE_PIPELINE_PHOTOGRAPHS to a folder of "
            f"photographs, or drop videos into {media.location('videos')}"
        )


class TestPerceptual:
    def test_weights_are_a_file_or_a_folder_of_a_store(
        self, media: Store, ops: Store, tmp_path: Path
    ) -> None:
        save_vgg(tmp_path / "a b.safetensors")
        ops.upload(tmp_path / "a b.safetensors", "weights/vgg.safetensors")
        ops.write("weights/readme.txt", b"no weights")
        for number, (where, name) in enumerate(
            [
                (str(tmp_path / "a b.safetensors"), "a b"),
                ((tmp_path / "a b.safetensors").as_uri(), "a b"),
                (f"{ops.url}/weights", "vgg"),
                (f"{ops.url}/weights/vgg.safetensors", "vgg"),
            ]
        ):
            folder = tmp_path / str(number)
            folder.mkdir()
            network = fetch_perceptual(where, media=media, ops=ops, folder=folder)
            assert network.name == f"{name} (relu1_1-relu5_1)"

    @pytest.mark.parametrize("where", ["none.pth", "none"])
    def test_weights_that_are_not_there_are_named(
        self, media: Store, ops: Store, tmp_path: Path, where: str
    ) -> None:
        with pytest.raises(CannotTrain, match=rf"^STYLE_PIPELINE_PERCEPTUAL_WEIGHTS=.*{where}: "):
            fetch_perceptual(str(tmp_path / where), media=media, ops=ops, folder=tmp_path)

    def test_a_download_that_fails_may_be_tried_again(
        self, media: Store, ops: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def offline(source: str) -> None:
            assert source == "torchvision"
            raise NoDownload("no route to host: name a file that holds them")

        monkeypatch.setattr(perceptual_weights, "load_perceptual", offline)
        with pytest.raises(StoreError, match="that holds them in STYLE_PIPELINE_PERCEPTUAL_W"):
            fetch_perceptual("", media=media, ops=ops, folder=tmp_path)


def test_what_lies_in_a_store_is_entered_as_it_is() -> None:
    media = Store(url="az://account/media/here", sas_token="secret")
    ops = Store(url="az://account/ops", sas_token="other")
    inside = near("az://account/ops/photographs/", media, ops)
    assert (inside.url, inside.sas_token) == ("az://account/ops/photographs", "other")
    for outside in ("az://account/media/heretoo", "az://account/ops2", "az://other/ops"):
        assert near(outside, media, ops).sas_token == ""
    assert near("az://account/media/here", media, ops).sas_token == "secret"
