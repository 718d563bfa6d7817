import os
from pathlib import Path

import pytest

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import CROWD
from pipeline_kit_tests.storage.stored import names


class TestAFolder:
    def test_is_made_where_it_is_not(self, tmp_path: Path) -> None:
        Store(url=(tmp_path / "new/media").as_uri()).write("a", b"")
        assert (tmp_path / "new/media/a").exists()

    def test_that_is_gone_is_not_an_empty_one(self, folder: Store, tmp_path: Path) -> None:
        folder.list()
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match="is gone: is its disk mounted"):
            folder.list("videos")

    def test_that_cannot_be_read_is_not_an_empty_one(
        self, folder: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder.write("videos/shut/clip.mp4", b"film")
        scandir = os.scandir

        def shut(path: Path) -> object:
            if path.name == "shut":
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", shut)
        with pytest.raises(StoreError, match=r"cannot list .*Permission denied"):
            folder.list("videos")

    def test_hides_what_a_killed_writer_left(self, folder: Store, tmp_path: Path) -> None:
        folder.write("videos/clip.mp4", b"film")
        (tmp_path / "store/videos/clip.mp4#1").write_bytes(b"fi")
        assert names(folder.list()) == ["videos/clip.mp4"]

    def test_follows_a_link_that_stays_inside(self, folder: Store, tmp_path: Path) -> None:
        folder.write("videos/a/clip.mp4", b"film")
        (tmp_path / "store/videos/b").mkdir()
        (tmp_path / "store/videos/b/clip.mp4").symlink_to("../a/clip.mp4")
        assert names(folder.list()) == ["videos/a/clip.mp4", "videos/b/clip.mp4"]
        assert folder.read("videos/b/clip.mp4") == b"film"

    def test_refuses_a_link_that_leads_out(
        self, folder: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder.write("videos/clip.mp4", b"film")
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/secret.mp4").write_bytes(b"secret")
        (tmp_path / "store/videos/link.mp4").symlink_to(tmp_path / "outside/secret.mp4")
        (tmp_path / "store/videos/linked").symlink_to(tmp_path / "outside")
        for _ in range(2):
            assert names(folder.list()) == ["videos/clip.mp4"]
        assert sorted(caplog.messages) == [
            f"{tmp_path}/store/videos/{link} leads out of its store and is left out: copy it"
            for link in ("link.mp4", "linked")
        ]
        for name in ("videos/link.mp4", "videos/linked/secret.mp4"):
            for attempt in (folder.head, folder.read, folder.delete, folder.list):
                with pytest.raises(StoreError, match="copy the file instead of linking"):
                    attempt(name)
            with pytest.raises(StoreError, match="copy the file instead of linking"):
                folder.write(name, b"overwritten")
            with pytest.raises(StoreError, match="copy the file instead of linking"):
                folder.download(name, tmp_path / "got")
        assert (tmp_path / "outside/secret.mp4").read_bytes() == b"secret"

    def test_lists_everything_else_beside_what_it_cannot_give(
        self, folder: Store, tmp_path: Path
    ) -> None:
        folder.write("videos/clip.mp4", b"film")
        videos = tmp_path / "store/videos"
        (videos / "nowhere.mp4").symlink_to(videos / "none.mp4")
        (videos / "circle.mp4").symlink_to(videos / "circle.mp4")
        (videos / "loop").symlink_to(videos)
        os.mkfifo(videos / "pipe.mp4")
        (videos / "line\nbreak.mp4").write_bytes(b"film")
        Path(os.fsdecode(os.fsencode(videos) + b"/\xff.mp4")).write_bytes(b"film")
        assert names(folder.list()) == [
            "videos/clip.mp4",
            "videos/line\nbreak.mp4",
            "videos/\N{REPLACEMENT CHARACTER}.mp4",
        ]

    def test_gives_a_changed_file_another_etag(self, folder: Store, tmp_path: Path) -> None:
        before = folder.write("videos/clip.mp4", b"film")
        with (tmp_path / "store/videos/clip.mp4").open("ab") as file:
            file.write(b" and more")
        assert folder.head("videos/clip.mp4").etag != before.etag

    def test_lists_ten_thousand_files_at_once(self, folder: Store, tmp_path: Path) -> None:
        (tmp_path / "store/videos/brushwork").mkdir(parents=True)
        for name in CROWD:
            (tmp_path / "store" / name).touch()
        assert names(folder.list("videos")) == CROWD

    def test_says_where_an_object_is(self, folder: Store, tmp_path: Path) -> None:
        assert folder.location("styled/ü.mp4") == f"{tmp_path}/store/styled/ü.mp4"
