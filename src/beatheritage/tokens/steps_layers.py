"""The layers of a map beside its objects, as the ancestors' events: timing, kiai, scroll speeds."""

from collections.abc import Iterator, Sequence

from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.pace import Pace, usual_beat_length
from beatheritage.tokens.steps import Event, Step, Vocabulary

SNAPS = range(1, 17)
SNAP_LENIENCY = 2.0  # ms
LINE_GAP = 10.0  # ms before the next red line in which no beat stands any more
SPEED_CHANGE = 1e-3
SLOWEST, FASTEST = 0.01, 10.0
_CUT = 1e-5  # ms: what a whole number may be short of by its own rounding


def encode_timing(
    beatmap: Beatmap, vocabulary: Vocabulary, end: float | None = None
) -> list[Event]:
    """Beats, with the first of each bar and of each red line told apart.

    They go on to ``end`` ms, or to the end of the last object.
    """
    events = []
    for line, last in _lines_and_ends(beatmap, end):
        beat_length = _whole_microseconds(line.beat_length)
        index, time = 0, line.time
        while time < last or index == 0:
            kind = Step.MEASURE if index % line.meter == 0 else Step.BEAT
            if index == 0 and Step.TIMING_POINT in vocabulary:
                kind = Step.TIMING_POINT
            events += group_of(vocabulary, kind, time, [])
            index += 1
            time = line.time + index * beat_length
    return events


def encode_kiai(beatmap: Beatmap, vocabulary: Vocabulary) -> list[Event]:
    """Where kiai begins and ends."""
    pace = Pace(beatmap)
    events, current = [], False
    for point in beatmap.timing_points:
        if point.kiai != current:
            current = point.kiai
            snap = Event(Step.SNAP, snap_of(pace, point.time))
            events += group_of(vocabulary, Step.KIAI, point.time, [snap], int(current))
    return events


def encode_scroll(beatmap: Beatmap, vocabulary: Vocabulary) -> list[Event]:
    """Where the speed of falling notes changes, tempo included."""
    pace = Pace(beatmap)
    events, current = [], None
    for time, speed in scroll_speeds(beatmap):
        if current is None or abs(speed - current) > SPEED_CHANGE:
            current = speed
            rest = [Event(Step.SNAP, snap_of(pace, time)), speed_event(speed)]
            events += group_of(vocabulary, Step.SCROLL_SPEED_CHANGE, time, rest)
    return events


def scroll_speeds(beatmap: Beatmap) -> Iterator[tuple[float, float]]:
    """The speed that each moment with timing points leaves, where 1 is the usual tempo's."""
    if not beatmap.red_lines:
        return
    pace = Pace(beatmap)
    end = max((pace.end(item) for item in beatmap.objects), default=0.0)
    usual = usual_beat_length(beatmap.red_lines, end)
    for time in dict.fromkeys(point.time for point in beatmap.timing_points):
        state = pace.at(time)
        yield time, state.velocity * usual / state.beat_length


def snap_of(pace: Pace, time: float) -> int:
    """The smallest divisor of a beat that a time stands on, 0 for none."""
    line = pace.red_line(time)
    if line is None:
        return 0
    beats = (time - line.time) / line.beat_length
    for snap in SNAPS:
        if abs(beats - round(beats * snap) / snap) * line.beat_length < SNAP_LENIENCY:
            return snap
    return 0


def group_of(
    vocabulary: Vocabulary,
    kind: Step,
    time: float,
    rest: Sequence[Event],
    value: int = 0,
    timed: bool = True,
) -> list[Event]:
    """The events of one time, in the version's order."""
    moment = int(time + _CUT)
    stamp = [Event(Step.TIME, moment)] if timed else []
    named = [Event(kind, value)]
    order = [*named, *stamp, *rest] if vocabulary.family.types_first else [*stamp, *rest, *named]
    return [event._replace(time=moment) for event in order]


def speed_event(velocity: float) -> Event:
    return Event(Step.SCROLL_SPEED, round(min(max(velocity, SLOWEST), FASTEST) * 100))


def _lines_and_ends(beatmap: Beatmap, end: float | None) -> list[tuple[RedLine, float]]:
    """Each red line, and until when its beats are counted."""
    lines = beatmap.red_lines
    if not lines:
        return []
    pace = Pace(beatmap)
    ends = [following.time - LINE_GAP for following in lines[1:]]
    if end is None:
        end = max((pace.end(item) for item in beatmap.objects), default=lines[-1].time + LINE_GAP)
    return list(zip(lines, [*ends, end + 0.999], strict=True))


def _whole_microseconds(time: float) -> float:
    """What is left of a duration in ms: the recorded data were made so."""
    return round(time, 3)
