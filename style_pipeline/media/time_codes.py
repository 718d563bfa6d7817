"""Time codes (SMPTE ST 12), which count frames as hours, minutes, seconds and frames."""

import re
from fractions import Fraction


def later(code: str, seconds: Fraction, *, rate: Fraction) -> str:
    """The time code so many seconds later, of a film of so many frames a second.

    After a semicolon it is of those that drop numbers, as at 29.97: the first two of each minute
    but every tenth. What is no time code stays as it is.
    """
    parts = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)", code)
    if not parts:
        return code
    hours, minutes, whole, frames = (int(parts[place]) for place in (1, 2, 3, 5))
    nominal, drops = round(rate), parts[4] != ":"
    dropped = round(nominal / 15) if drops else 0
    minute, ten = nominal * 60 - dropped, nominal * 600 - 9 * dropped
    at = ((hours * 60 + minutes) * 60 + whole) * nominal + frames
    at -= dropped * (hours * 54 + minutes - minutes // 10)
    at += round(seconds * rate)
    tens, rest = divmod(at, ten)
    numbers = at + dropped * 9 * tens
    if rest >= dropped:
        numbers += dropped * ((rest - dropped) // minute)
    clock, frame = divmod(numbers, nominal)
    hour, minute, second = clock // 3600 % 24, clock // 60 % 60, clock % 60
    return f"{hour:02}:{minute:02}:{second:02}{parts[4]}{frame:02}"
