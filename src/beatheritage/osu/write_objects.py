"""Hit objects to the lines of [HitObjects], and what is refused there."""

import math
from collections.abc import Callable

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import NO_SAMPLE, Circle, HitObject, Hold, Sample, Slider, Spinner
from beatheritage.osu.limits import (
    COORDINATE_PX,
    LENGTH_PX,
    MAX_COMBO_SKIP,
    MAX_SLIDES,
    TIME,
)
from beatheritage.osu.numbers import number_text

_CIRCLE, _SLIDER, _NEW_COMBO, _SPINNER, _HOLD = 1, 2, 4, 8, 128


def whole_pixels(value: float) -> str:
    """A coordinate as every osu! reads it."""
    return str(math.floor(value + 0.5))


def curve_text(slider: Slider, place: Callable[[float], str] = whole_pixels) -> str:
    """A slider's kind and control points."""
    return slider.kind.value + "".join(f"|{place(x)}:{place(y)}" for x, y in slider.points)


def object_line(item: HitObject, fractions: bool = False) -> str:
    """One line; ``fractions`` keeps those of coordinates, which are rounded otherwise."""
    place = number_text if fractions else whole_pixels
    combo = _NEW_COMBO * item.new_combo | item.combo_skip << 4
    start = f"{place(item.x)},{place(item.y)},{number_text(item.time)}"
    sample = _sample_text(item.sample)
    match item:
        case Circle():
            return f"{start},{_CIRCLE | combo},{int(item.sound)},{sample}"
        case Spinner(end=end):
            return f"{start},{_SPINNER | combo},{int(item.sound)},{number_text(end)},{sample}"
        case Hold(end=end):
            return f"{start},{_HOLD | combo},{int(item.sound)},{number_text(end)}:{sample}"
        case Slider():
            return (
                f"{start},{_SLIDER | combo},{int(item.sound)},{curve_text(item, place)},"
                f"{item.slides},{number_text(item.length)}{_slider_sounds(item)}"
            )


def has_fractions(item: HitObject) -> bool:
    """Whether a coordinate is no whole pixel."""
    if item.x % 1 or item.y % 1:
        return True
    return isinstance(item, Slider) and any(x % 1 or y % 1 for x, y in item.points)


def refuse_object(item: HitObject) -> None:
    """InputError for an object that osu! would leave out or read as another."""
    problem = _object_problem(item) or _sample_problem(item.sample)
    if not problem:
        match item:
            case Slider():
                problem = _slider_problem(item)
            case Spinner(end=end) | Hold(end=end):
                ends = end in TIME and end >= item.time
                problem = "" if ends else f"it cannot end at {end} ms"
            case Circle():
                pass
    if problem:
        raise InputError(problem, where=f"hit object at {item.time} ms")


def _object_problem(item: HitObject) -> str:
    if item.time not in TIME:
        return "its time is none that osu! reads"
    if item.x not in COORDINATE_PX or item.y not in COORDINATE_PX:
        return f"it cannot be at ({item.x}, {item.y})"
    if not 0 <= item.combo_skip <= (MAX_COMBO_SKIP if item.new_combo else 0):
        return f"it cannot skip {item.combo_skip} combo colours"
    return "" if 0 <= item.sound < 16 else f"{int(item.sound)} is no hit sound"


def _sample_problem(sample: Sample) -> str:
    # Beyond these characters the line would come apart.
    if any(mark in sample.filename for mark in ",\r\n"):
        return f"the sample {sample.filename!r} has a comma or a line break in its name"
    return "" if sample.volume >= 0 else "its sample has a volume below 0"


def _slider_problem(slider: Slider) -> str:
    if slider.length not in LENGTH_PX:
        return f"a slider cannot be {slider.length} px long"
    if not 1 <= slider.slides <= MAX_SLIDES:
        return f"a slider cannot slide {slider.slides} times"
    if len(slider.edges) > slider.slides + 1:
        return f"{len(slider.edges)} edge sounds are more than the slider has edges"
    if not all(x in COORDINATE_PX and y in COORDINATE_PX for x, y in slider.points):
        return "a control point is too far away"
    return ""


def _sample_text(sample: Sample) -> str:
    return (
        f"{sample.normal_set}:{sample.addition_set}:{sample.index}:{sample.volume}"
        f":{sample.filename}"
    )


def _slider_sounds(slider: Slider) -> str:
    if not slider.edges and slider.sample == NO_SAMPLE:
        return ""
    sounds = "|".join(str(int(edge.sound)) for edge in slider.edges)
    sets = "|".join(f"{edge.normal_set}:{edge.addition_set}" for edge in slider.edges)
    return f",{sounds},{sets},{_sample_text(slider.sample)}"
