"""Places of modes that have no playfield to roam: taiko's one spot, mania's columns."""

from beatheritage.osu.beatmap import Circle, CurveKind, HitObject, Hold, Point, Slider, Spinner
from beatheritage.osu.mode import column_x
from beatheritage.tokens.events import Draft, Event, Kind
from beatheritage.tokens.moves import CENTRE, Rhythm

LANE_Y = 192.0


def place_taiko(draft: Draft, rhythm: Rhythm) -> tuple[HitObject, ...]:
    """Everything in the middle; a drumroll is a straight line to the right of its length."""
    return tuple(_drum(event, rhythm, index) for index, event in enumerate(draft.events))


def place_mania(draft: Draft, rhythm: Rhythm, keys: int) -> tuple[HitObject, ...]:
    """Every note in its column; what is neither circle nor hold is held like one."""
    return tuple(_note(event, rhythm, index, keys) for index, event in enumerate(draft.events))


def _drum(event: Event, rhythm: Rhythm, index: int) -> HitObject:
    time, (x, y) = float(rhythm.times[index]), CENTRE
    match event.kind:
        case Kind.CIRCLE:
            return Circle(time=time, x=x, y=y, new_combo=event.new_combo, sound=event.sound)
        case Kind.SPINNER:
            end = float(rhythm.ends[index])
            return Spinner(time=time, end=end, new_combo=event.new_combo, sound=event.sound)
    length = float(rhythm.lengths_px[index])
    return Slider(
        time=time,
        x=x,
        y=y,
        kind=CurveKind.LINEAR,
        points=(Point(float(round(x + max(length, 1.0))), y),),
        slides=int(rhythm.slides[index]),
        length=length,
        new_combo=event.new_combo,
        sound=event.sound,
        edges=event.edges,
    )


def _note(event: Event, rhythm: Rhythm, index: int, keys: int) -> HitObject:
    time, end = float(rhythm.times[index]), float(rhythm.ends[index])
    x = float(column_x(event.column, keys))
    if event.kind is Kind.CIRCLE or end <= time:
        return Circle(time=time, x=x, y=LANE_Y, new_combo=event.new_combo, sound=event.sound)
    return Hold(time=time, end=end, x=x, y=LANE_Y, new_combo=event.new_combo, sound=event.sound)
