"""Numbers as osu! reads and writes them."""

from decimal import Decimal

from beatheritage.osu.limits import MAX_VALUE

# A green line stores -100/velocity. Twelve digits undo that rounding: -133.333333333333 is 0.75.
_VELOCITY_DIGITS = 12


def whole(text: str, limit: int = MAX_VALUE) -> int:
    """An integer within the limit; ValueError for anything else, a decimal point included."""
    try:
        value = int(text)
    except ValueError:
        raise _unreadable(text, "integer") from None
    if "_" in text or not -limit <= value <= limit:
        raise _unreadable(text, "integer")
    return value


def number(text: str, limit: float = MAX_VALUE) -> float:
    """A float within the limit; ValueError for anything else, NaN and infinity included."""
    try:
        value = float(text)
    except ValueError:
        raise _unreadable(text, "number") from None
    # Written so that NaN fails too.
    if "_" in text or not -limit <= value <= limit:
        raise _unreadable(text, "number")
    return value


def number_text(value: float) -> str:
    """An integer where the value is one, else the shortest decimal that reads back the same."""
    if value == int(value):
        return str(int(value))
    text = repr(float(value))
    # Not everything that reads .osu files knows exponents.
    return f"{Decimal(text):f}" if "e" in text else text


def velocity_of(beat_length: float) -> float:
    """The slider velocity that the beat length of a green line (-100 / velocity) stands for."""
    if not beat_length < 0:
        return 1.0
    return round_velocity(-100 / beat_length)


def round_velocity(velocity: float) -> float:
    """The nearest velocity that a green line can hold, so that it reads back the same."""
    return float(f"{velocity:.{_VELOCITY_DIGITS}g}")


def velocity_text(velocity: float) -> str:
    """The shortest beat length that reads back as this velocity."""
    beat_length = -100 / velocity
    texts = (f"{beat_length:.{digits}g}" for digits in range(_VELOCITY_DIGITS, 17))
    short = (text for text in texts if velocity_of(float(text)) == velocity)
    return number_text(float(next(short, repr(beat_length))))


def _unreadable(text: str, what: str) -> ValueError:
    shown = text.strip()
    return ValueError(f"{shown[:40]!r} is no {what} that osu! reads")
