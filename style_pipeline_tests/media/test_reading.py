from pathlib import Path

from style_pipeline_tests.media.films import make_film
from style_pipeline_tests.media.test_deinterlacing import FLAGGED, MPEG2
from style_pipeline_tests.real_files import interlaced


def test_a_recording_that_is_cut_and_interlaced_can_be_read_again(tmp_path: Path) -> None:
    whole = interlaced("a.ts", *MPEG2, *FLAGGED, frames=90)(tmp_path)
    data = whole.read_bytes()
    for conceal in (False, True):
        source = tmp_path / "cut.ts"
        source.write_bytes(data[len(data) // 5 // 188 * 188 : len(data) * 4 // 5])
        film = make_film(source, tmp_path / f"film{conceal}", chunks=3, conceal=conceal)
        assert film.wrong() == []
        assert film.index.video.deinterlaced
