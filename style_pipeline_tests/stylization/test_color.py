import pytest

from style_pipeline.stylization.color import Color


def test_an_unknown_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"self\.matrix = 'xyz' must be one of bt601, bt709"):
        Color(matrix="xyz", full_range=False)
