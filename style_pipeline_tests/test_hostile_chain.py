"""Files that nobody should drop, dropped beside a good one, through the real daemon."""

import json
import re
from pathlib import Path

import pytest

from style_pipeline.media.frame_index import index_frames
from style_pipeline_tests.dagster_dev import running, wait_for
from style_pipeline_tests.hostile import DISGUISED, REFUSED
from style_pipeline_tests.test_chain import make_clip, outcomes, runs_of

NAMES = {
    "mosiac/clip.mp4": "there is no style 'mosiac'",
    "clip.mp4": "it is in no style's folder",
    "brushwork/concat:good.mp4|good.mp4": "its name contains '|': rename it",
    "brushwork/a,b.mp4": "its name contains ',': rename it",
    "brushwork/wait....mp4": "its name contains '...': rename it",
    "brushwork/line\nbreak.mp4": r"its name contains '\n': rename it",
    "brushwork/turned\u202e4pm.mp4": r"its name contains '\u202e': rename it",
    "brushwork/picture.svg": ".svg is no kind of video",
    "brushwork/playlist.m3u8": ".m3u8 is no kind of video",
    "brushwork/good.mp4.mp4": "its film would have the name of that of videos/brushwork/good.mp4",
}
"""What is refused by its name, whatever it holds."""
SOME = ("bit_flipped",)
"""A run takes seconds: `media/test_hostile.py` has all kinds."""


@pytest.mark.timeout(1200)  # on a crowded machine
def test_a_good_video_is_delivered_among_files_that_nobody_should_drop(
    tmp_path: Path,
) -> None:
    folder, scratch = tmp_path / "dev", tmp_path / "scratch"
    inbox = folder / "media/videos"
    (inbox / "brushwork").mkdir(parents=True)
    scratch.mkdir()
    for name in NAMES:
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(b"this is no video")
    expected = {f"videos/{name}": re.escape(reason) for name, reason in NAMES.items()}
    for kind in SOME:
        (tmp_path / kind).mkdir()
        make, reason = REFUSED[kind]
        made = make(tmp_path / kind)
        dropped = inbox / "brushwork" / f"{kind}{made.suffix}"
        made.rename(dropped)
        expected[f"videos/brushwork/{dropped.name}"] = reason
    secret = make_clip(tmp_path / "secret.mp4", frames=3)
    disguised = inbox / "brushwork/disguised.mp4"
    disguised.write_text(DISGUISED["hls"].format(secret=secret, url=""))
    expected["videos/brushwork/disguised.mp4"] = "disguised.mp4 "
    (inbox / "brushwork/link.mp4").symlink_to(secret)
    good = make_clip(inbox / "brushwork/good.mp4", frames=3)

    with running(folder, {"TMPDIR": str(scratch)}) as dev:
        wait_for(
            "the good film",
            lambda: outcomes(runs_of(dev, "good.mp4"))["styled_video", "SUCCESS"],
            seconds=900,
        )
        wait_for("every report", lambda: _reports(folder).keys() >= expected.keys(), seconds=900)
        looks = dev.ticks("new_videos")[0]
        wait_for("two more looks", lambda: dev.ticks("new_videos")[1] > looks)
        for name, reason in expected.items():
            assert re.search(reason, _reports(folder)[name]), name
            runs = runs_of(dev, name.removeprefix("videos/brushwork/"))
            tried = 0 if name.removeprefix("videos/") in NAMES else 1
            assert outcomes(runs) == ({("audio", "FAILURE"): 1} if tried else {}), name
        assert not runs_of(dev, "link.mp4")
        assert list(scratch.rglob("dropped")) == []

    film = folder / "media/styled/brushwork/good.mp4"
    assert index_frames(film).pts.tolist() == index_frames(good).pts.tolist()
    assert {path.name for path in film.parent.iterdir()} == {"good.mp4", "good.mp4.jpg"}


def _reports(folder: Path) -> dict[str, str]:
    """The reason that is told of each file."""
    found = [json.loads(path.read_text()) for path in (folder / "media").glob("rejected/**/*.json")]
    return {report["file"]: report["reason"] for report in found}
