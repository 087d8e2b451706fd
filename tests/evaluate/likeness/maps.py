"""Maps made by hand, of which everything is known."""

from beatheritage.evaluate.likeness.columns import Columns, read_columns
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    HitObject,
    Point,
    RedLine,
    Slider,
)
from beatheritage.osu.mode import Mode

RED = RedLine(time=1000, beat_length=400)


def circle(beat: float, x: float = 100, y: float = 100, **more) -> Circle:
    return Circle(time=1000 + 400 * beat, x=x, y=y, **more)


def slider(beat: float, x: float = 100, length: float = 140, slides: int = 1) -> Slider:
    return Slider(
        time=1000 + 400 * beat,
        x=x,
        y=100,
        kind=CurveKind.LINEAR,
        points=(Point(x + length, 100),),
        slides=slides,
        length=length,
    )


def beatmap(*objects: HitObject, mode: Mode = Mode.STD, keys: float = 4) -> Beatmap:
    return Beatmap(
        general=General(mode=mode),
        difficulty=Difficulty(circle_size=keys),
        timing_points=(RED,),
        objects=objects,
    )


def columns(*objects: HitObject, mode: Mode = Mode.STD, keys: float = 4) -> Columns:
    found = read_columns(beatmap(*objects, mode=mode, keys=keys))
    assert found is not None
    return found
