from style_pipeline.cli.output import table


def test_columns_are_as_wide_as_their_longest_word_and_end_without_blanks() -> None:
    rows = [("a", "painting", ""), ("a longer name", "done", "film.mp4")]
    assert table(("VIDEO", "STATE", ""), rows).splitlines() == [
        "VIDEO          STATE",
        "a              painting",
        "a longer name  done      film.mp4",
    ]
