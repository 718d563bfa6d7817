import re
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from style_pipeline import demo
from style_pipeline.demo_clip import write_clip
from style_pipeline.media.frame_index import index_frames
from style_pipeline.media.images import frames_as_images
from style_pipeline_tests.assets.journey import make_clip
from style_pipeline_tests.media.films import packets


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "demo")
    return tmp_path / "demo"


def refusal(*words: str) -> str:
    """The one line with which the demo ends, before it has written anything."""
    with pytest.raises(SystemExit) as ended:
        demo.main(words)
    assert isinstance(ended.value.code, str), "a line on stderr, and an exit code of 1"
    assert not demo.FOLDER.exists()
    return ended.value.code


def figures(printed: str) -> dict[str, str]:
    lines = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
    return {line[:22].strip(): line[22:].strip() for line in lines}


def test_the_demo_makes_a_film_and_says_where_it_is(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip(tmp_path / "my clip.mov", frames=6)
    demo.main(["--video", str(clip)])
    printed = figures(capsys.readouterr().out)
    film = folder / "media/styled/brushwork/my clip.mov.mp4"
    assert Path(printed["film"]) == film
    assert index_frames(film).pts.tolist() == index_frames(clip).pts.tolist()
    assert packets(film) == packets(clip)
    with Image.open(printed["contact sheet"]) as sheet:
        assert sheet.width == 1100
    assert printed["style"].startswith("brushwork (model ")
    assert printed["frames"] == "6, 25.0 fps"
    assert (printed["seconds"], printed["audio tracks"]) == ("0.24", "1")
    assert re.fullmatch(r"1, at [\d.]+ fps", printed["chunks"])
    assert printed["painted on"]
    assert int(printed["bytes"]) == film.stat().st_size
    assert printed["seconds, start to end"].isdecimal()


def test_a_clip_that_is_already_in_place_is_painted_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder / "media/videos/brushwork/clip.mp4"
    place.parent.mkdir(parents=True)
    make_clip(place, frames=2)
    for _ in range(2):
        demo.main(["--video", str(place)])
        assert figures(capsys.readouterr().out)["frames"].startswith("2, ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "clip.mp4"
    wrong = f"there is no file {missing}: give an existing one, VIDEO=path/to/clip.mp4"
    assert refusal("--video", str(missing)) == wrong


def test_an_unknown_style_is_refused_with_those_there_are() -> None:
    assert refusal("--style", "cubism").startswith(
        "videos/cubism/lake.mp4: there is no style 'cubism': "
    )
    assert "brushwork" in refusal("--style", "cubism")


@pytest.mark.parametrize("name", ["a|b.mp4", "a,b.mp4", "[a].mp4", "a...mp4", "notes.txt"])
def test_a_file_that_could_not_be_dropped_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    line = refusal("--video", str(tmp_path / name))
    assert line.startswith(f"videos/brushwork/{name}: ")
    assert "\n" not in line


def test_a_file_that_cannot_be_decoded_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(b"this is no video" * 100)
    with pytest.raises(SystemExit) as ended:
        demo.main(["--video", str(tmp_path / "text.mp4")])
    assert str(ended.value.code).strip() == (
        "brushwork/text.mp4: text.mp4 cannot be decoded: "
        "Invalid data found when processing input: export it again and drop it anew"
    )


def test_a_bad_setting_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_CRF", "abc")
    clip = make_clip(tmp_path / "clip.mp4", frames=2)
    with pytest.raises(SystemExit, match="STYLE_PIPELINE_CRF='abc' should be a whole number"):
        demo.main(["--video", str(clip)])


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


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_demo_needs_nothing_but_its_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "style_pipeline.demo"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    film = Path(figures(done.stdout)["film"])
    assert film == tmp_path / "demo/media/styled/brushwork/lake.mp4"
    assert len(index_frames(film)) == 100
