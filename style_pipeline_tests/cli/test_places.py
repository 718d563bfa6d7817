import errno
from pathlib import Path

import click
import pytest

from style_pipeline.cli.places import check_place, writing


def test_a_folder_that_is_not_there_is_made_when_it_is_needed(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b" / "film.mp4"
    check_place(place, source=tmp_path / "clip.mp4")
    assert not [*tmp_path.iterdir()]
    with writing(place):
        place.touch()
    assert place.exists()


def test_where_nothing_can_be_written_is_known_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(click.UsageError, match=r"/file is no folder: say with -o"):
        check_place(tmp_path / "file/film.mp4", source=tmp_path / "clip.mp4")
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)  # which root always has
    with pytest.raises(click.UsageError, match=f"^nothing can be written in {tmp_path}: say with"):
        check_place(tmp_path / "a/film.mp4", source=tmp_path / "clip.mp4")


def test_the_source_is_no_place_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "link.mp4").symlink_to("clip.mp4")
    for name in ("clip.mp4", "link.mp4"):
        with pytest.raises(click.UsageError, match="is what it would be made of"):
            check_place(tmp_path / name, source=tmp_path / "clip.mp4")


def test_a_disk_that_is_full_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(click.ClickException, match=r"film\.mp4 cannot be written: No space left"),
        writing(tmp_path / "film.mp4"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
