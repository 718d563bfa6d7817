"""Sizes of files as people say them."""


def size(count: float) -> str:
    """`512 bytes`, `3.4 MB`, `21 GB`: of a thousand each, as file managers show them."""
    if count < 1000:
        return f"{count:.0f} byte{'s' * (count != 1)}"
    units = ["kB", "MB", "GB", "TB"]
    count /= 1000
    while count >= 999.5 and len(units) > 1:
        count /= 1000
        del units[0]
    return f"{count:.1f} {units[0]}" if count < 9.95 else f"{count:.0f} {units[0]}"
