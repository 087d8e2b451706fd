"""Numbers as osu! reads and writes them.

The limits are those of osu!lazer's ``Parsing.cs``: whatever lies beyond them makes the whole line
unreadable, as it does in the game.
"""

MAX_VALUE = 2_147_483_647
MAX_COORDINATE_PX = 131_072

# A green line stores -100/velocity. Twelve digits undo that rounding: -133.333333333333 is 0.75.
_VELOCITY_DIGITS = 12


def whole(text: str, limit: int = MAX_VALUE) -> int:
    """An integer within the limit; ValueError for anything else, a decimal point included."""
    value = int(text)
    if "_" in text or not -limit <= value <= limit:
        raise ValueError(f"{text.strip()!r} is no number that osu! reads")
    return value


def number(text: str, limit: float = MAX_VALUE) -> float:
    """A float within the limit; ValueError for anything else, NaN and infinity included."""
    value = float(text)
    # Written so that NaN fails too.
    if "_" in text or not -limit <= value <= limit:
        raise ValueError(f"{text.strip()!r} is no number that osu! reads")
    return value


def clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def velocity_of(beat_length: float) -> float:
    """The slider velocity that the beat length of a green line (-100 / velocity) stands for."""
    if not beat_length < 0:
        return 1.0
    return float(f"{-100 / beat_length:.{_VELOCITY_DIGITS}g}")


def velocity_text(velocity: float) -> str:
    """The shortest beat length that reads back as this velocity."""
    beat_length = -100 / velocity
    for digits in range(_VELOCITY_DIGITS, 17):
        text = f"{beat_length:.{digits}g}"
        if velocity_of(float(text)) == velocity:
            return number_text(float(text))
    return number_text(beat_length)


def number_text(value: float) -> str:
    """An integer where the value is one, else the shortest decimal that reads back the same."""
    if value == int(value):
        return str(int(value))
    text = repr(float(value))
    # osu!stable does not read exponents everywhere; only values under 1e-4 would have one.
    return f"{value:.20f}".rstrip("0") if "e" in text else text
