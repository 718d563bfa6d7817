from pipeline_kit.errors import PermanentError, UnusableInput


class Unreadable(UnusableInput):
    remedy = "export it again"


def test_advice_is_what_is_wrong_and_what_to_do() -> None:
    assert (
        Unreadable("clip.mp4 has no frames").advice() == "clip.mp4 has no frames: export it again"
    )
    assert PermanentError("there is no style").advice() == "there is no style"
