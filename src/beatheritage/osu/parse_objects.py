"""The lines of [HitObjects] to hit objects.

Follows osu!lazer's ``ConvertHitObjectParser``: same field order, same limits, same fallbacks. A
line that it refuses raises ValueError here.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest

from beatheritage.osu.beatmap import (
    NO_SAMPLE,
    Circle,
    CurveKind,
    EdgeSound,
    HitObject,
    HitSound,
    Hold,
    Point,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import as_bezier, flatten
from beatheritage.osu.limits import LENGTH_PX, MAX_COORDINATE_PX, MAX_SLIDES
from beatheritage.osu.numbers import number, whole

_CIRCLE, _SLIDER, _NEW_COMBO, _SPINNER, _COMBO_SKIP, _HOLD = 1, 2, 4, 8, 0x70, 128
_SOUNDS = tuple(HitSound(bits) for bits in range(16))
_KINDS = {kind.value: kind for kind in CurveKind}


def read_object(line: str, offset: float = 0.0, fractions: bool = False) -> HitObject:
    """One hit object.

    ``offset`` is added to every time; ``fractions`` keeps coordinates as they are (format version
    128), where older versions cut them to whole pixels. Raises ValueError.
    """
    fields = line.split(",")
    if len(fields) < 5:
        raise ValueError("a hit object has at least five fields")
    x, y = _coordinate(fields[0], fractions), _coordinate(fields[1], fractions)
    time = number(fields[2]) + offset
    flags = whole(fields[3])
    new_combo = bool(flags & _NEW_COMBO)
    # osu! ignores the colours to skip where no combo begins.
    skip = (flags & _COMBO_SKIP) >> 4 if new_combo else 0
    sound = _SOUNDS[whole(fields[4]) & 15]
    if flags & _CIRCLE:
        return Circle(
            time=time,
            x=x,
            y=y,
            new_combo=new_combo,
            combo_skip=skip,
            sound=sound,
            sample=read_sample(fields[5]) if len(fields) > 5 else NO_SAMPLE,
        )
    start = {"time": time, "x": x, "y": y, "new_combo": new_combo, "combo_skip": skip}
    if flags & _SLIDER:
        return Slider(**start, sound=sound, **_slider_fields(fields, Point(x, y), sound, fractions))
    if flags & _SPINNER:
        end = max(time, number(_field(fields, 5)) + offset)
        return Spinner(**start, sound=sound, end=end, sample=read_sample(_field(fields, 6)))
    if flags & _HOLD:
        text, _, sample = _field(fields, 5).partition(":")
        end = max(time, number(text) + offset) if text else time
        return Hold(**start, sound=sound, end=end, sample=read_sample(sample))
    raise ValueError(f"{flags} is no type of hit object")


@lru_cache(maxsize=4096)
def read_sample(text: str) -> Sample:
    """``normal:addition:index:volume:filename``, as much of it as there is."""
    if not text.strip():
        return NO_SAMPLE
    parts = text.split(":", 4)
    normal, addition, index, volume = (
        whole(part) if part.strip() else 0 for part in [*parts, "", "", ""][:4]
    )
    return Sample(
        normal, addition, index, max(0, volume), parts[4].strip() if len(parts) > 4 else ""
    )


def _field(fields: list[str], index: int) -> str:
    return fields[index] if index < len(fields) else ""


def _coordinate(text: str, fractions: bool) -> float:
    value = number(text, MAX_COORDINATE_PX)
    return value + 0.0 if fractions else float(int(value))


def _slider_fields(fields: list[str], head: Point, sound: HitSound, fractions: bool) -> dict:
    kind, points = _read_curve(_field(fields, 5), head, fractions)
    slides = whole(_field(fields, 6))
    if slides > MAX_SLIDES:
        raise ValueError(f"{slides} slides are more than the {MAX_SLIDES} that osu! reads")
    slides = max(1, slides)
    length = _field(fields, 7)
    length = max(0.0, number(length, MAX_COORDINATE_PX)) if length.strip() else 0.0
    # A slider without a length is as long as its curve.
    length = length or LENGTH_PX.clamp(flatten(head, kind, points).natural_length)
    sample = read_sample(_field(fields, 10))
    edges = _read_edges(_field(fields, 8), _field(fields, 9), sound, sample)
    return {
        "kind": kind,
        "points": points,
        "slides": slides,
        "length": length,
        "edges": edges[: slides + 1],
        "sample": sample,
    }


def _read_curve(text: str, head: Point, fractions: bool) -> tuple[CurveKind, tuple[Point, ...]]:
    """Kind and control points; a curve of several kinds (osu!lazer's) becomes one Bezier curve."""
    letter, *pieces = text.split("|")
    segments: list[tuple[CurveKind, list[Point]]] = [(_kind(letter), [])]
    for piece in pieces:
        if piece[:1].isalpha():
            segments.append((_kind(piece), []))
            continue
        x, y = piece.split(":")[:2]
        point = Point(_coordinate(x, fractions), _coordinate(y, fractions))
        if len(segments) > 1 and not segments[-1][1]:
            # The first point after a letter ends the segment before it, where the new one begins.
            segments[-2][1].append(point)
        segments[-1][1].append(point)
    if len(segments) == 1:
        return segments[0][0], tuple(segments[0][1])
    starts_joined = [segments[0], *((kind, points[1:]) for kind, points in segments[1:])]
    joined = as_bezier(head, starts_joined)
    return CurveKind.BEZIER, tuple(joined if fractions else _on_pixels(joined))


def _kind(letter: str) -> CurveKind:
    # Whatever osu! does not know is a Catmull curve to it.
    return _KINDS.get(letter[:1], CurveKind.CATMULL)


def _on_pixels(points: Iterable[Point]) -> Iterator[Point]:
    return (Point(float(round(x)), float(round(y))) for x, y in points)


@lru_cache(maxsize=4096)
def _read_edges(sounds: str, sets: str, sound: HitSound, sample: Sample) -> tuple[EdgeSound, ...]:
    """What is said of each edge; one of the two lists may be shorter, the slider fills it up."""
    edges = []
    for sound_text, set_text in zip_longest(_pieces(sounds), _pieces(sets)):
        normal, addition = sample.normal_set, sample.addition_set
        if set_text:
            edge_sample = read_sample(set_text)
            normal, addition = edge_sample.normal_set, edge_sample.addition_set
        edges.append(EdgeSound(_edge_sound(sound_text, sound), normal, addition))
    return tuple(edges)


def _pieces(text: str) -> list[str]:
    return text.split("|") if text.strip() else []


def _edge_sound(text: str | None, sound: HitSound) -> HitSound:
    if text is None:
        return sound
    try:
        return _SOUNDS[whole(text) & 15]
    except ValueError:
        return HitSound.NONE  # as osu!, which refuses no slider for a sound
