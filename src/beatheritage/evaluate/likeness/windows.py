"""What 64 objects in a row are like, in numbers that have names: what a classifier looks at.

A window is told by its objects' gaps, types, spacing, turns, slider shapes, combos and hitsounds:
flags by their share, amounts by mean, deviation and three quantiles.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.likeness.columns import Columns
from beatheritage.osu.mode import Mode

WINDOW = 64
HOP = 32
QUANTILES = (0.1, 0.5, 0.9)
LONGEST_GAP = 4000.0
SAME_OCTAVES = 0.05
STACK_PX = 3.0
LEAST_MOVE_PX = 8.0
SAME_PX = 2.0
STRAIGHT = 0.99  # of a slider's length, that it comes
VELOCITY_PX = 5.0  # a beat: a finer difference is how a length was rounded
DECIMALS = 6
LOOK_BACK = 8

Amounts = Mapping[str, np.ndarray]


class Told(NamedTuple):
    """``table`` is (windows, names); nan where a window has nothing to measure. A name begins with
    what it belongs to: ``turns: sharp``."""

    names: tuple[str, ...]
    table: np.ndarray


def tell_windows(columns: Columns) -> Told:
    """The windows of a map, one every 32 objects; none for one with fewer than 64."""
    flags, amounts = told_objects(columns)
    starts = np.arange(0, len(columns) - WINDOW + 1, HOP)
    rows = starts[:, None] + np.arange(WINDOW)
    shares = [_mean(np.asarray(values, np.float64)[rows]) for values in flags.values()]
    stacked = np.stack([np.asarray(values, np.float64) for values in amounts.values()], axis=-1)
    summed = [_summary(stacked[row]) for row in rows]
    names = tuple(flags) + tuple(f"{name}, {part}" for part in PARTS for name in amounts)
    parts = np.array(summed).reshape(len(starts), len(PARTS) * len(amounts))
    return Told(names, np.concatenate([np.stack(shares, axis=-1), parts], axis=1))


PARTS = ("mean", "deviation", *(f"{share:.0%}" for share in QUANTILES))


def _summary(window: np.ndarray) -> np.ndarray:
    """Of (WINDOW, amounts), one part after the other; nan where nothing is measured."""
    found = np.full((len(PARTS), window.shape[1]), np.nan)
    for place, values in enumerate(window.T):
        known = values[np.isfinite(values)]
        if len(known):
            found[:2, place] = known.mean(), known.std()
            found[2:, place] = np.quantile(known, QUANTILES)
    return np.round(found, DECIMALS).ravel()


def _mean(values: np.ndarray) -> np.ndarray:
    """Along the window; nan marks objects that a flag says nothing of."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)


def told_objects(columns: Columns) -> tuple[Amounts, Amounts]:
    """Flags and amounts of each object, (N,) each; nan where there is nothing to say."""
    flags: dict[str, np.ndarray] = {}
    amounts: dict[str, np.ndarray] = {}
    for tell in TELLERS[columns.mode]:
        more_flags, more_amounts = tell(columns)
        flags |= more_flags
        amounts |= more_amounts
    return flags, amounts


def tell_gaps(columns: Columns) -> tuple[Amounts, Amounts]:
    """From onset to onset; all but the first note of a chord say nothing."""
    first = struck_first(columns)
    gaps, octaves = np.full((2, len(columns)), np.nan)
    gaps[first] = _after(np.minimum(np.diff(columns.times[first]), LONGEST_GAP))
    octaves[first] = np.abs(_after(np.diff(np.log2(np.maximum(gaps[first], 1)))[1:], 2))
    flags = {
        "gaps: as before": _where(octaves < SAME_OCTAVES, np.isfinite(octaves)),
        "gaps: twice or half": _where(np.abs(octaves - 1) < SAME_OCTAVES, np.isfinite(octaves)),
        "gaps: on a beat": _where(_on(columns, 0.0), first),
        "gaps: on a half": _where(_on(columns, 0.5), first),
        "gaps: on a downbeat": _where(columns.bar_phases == 0, first),
    }
    return flags, {"gaps: ms": gaps, "gaps: octaves": octaves}


def struck_first(columns: Columns) -> np.ndarray:
    """Whether each object is an onset of its own, or the first of a chord."""
    return np.concatenate([[True], np.diff(columns.times) > 0])


def _on(columns: Columns, fraction: float) -> np.ndarray:
    """Whether objects stand at a fraction of a beat."""
    return np.mod(columns.beats, 1) == fraction


def tell_types(columns: Columns) -> tuple[Amounts, Amounts]:
    lasting = columns.lasting.astype(np.float64)
    beats = (columns.ends - columns.times) / columns.beat_lengths
    flags = {
        "types: lasting": lasting,
        "types: as before": _after(lasting[1:] == lasting[:-1]),
        "types: spinner": columns.spinning,
        "types: on a beat lasting": _where(lasting, _on(columns, 0.0)),
    }
    return flags, {"types: beats lasting": _where(beats, columns.lasting)}


def tell_spacing(columns: Columns) -> tuple[Amounts, Amounts]:
    across = columns.heads[1:] - columns.tails[:-1]
    steps, gaps = np.hypot(*across.T), np.maximum(columns.times[1:] - columns.ends[:-1], 1)
    change = np.concatenate([[np.nan], np.abs(np.diff(steps))])
    flags = {
        "spacing: stacked": _after(steps <= STACK_PX),
        "spacing: as before": _after(_where(change <= SAME_PX, steps > STACK_PX)),
        "spacing: at an earlier place": _back_again(columns),
    }
    quick = _after(columns.times[1:] - columns.times[:-1] <= np.median(np.diff(columns.times)))
    amounts = {
        "spacing: px": _after(steps),
        "spacing: px a second": np.minimum(_after(steps / gaps * 1000), 10_000),
        "spacing: change, px": _after(change),
        "spacing: px, quick": _where(_after(steps), quick == 1),
        "spacing: x": columns.heads[:, 0],
    }
    if columns.mode is Mode.STD:
        amounts["spacing: y"] = columns.heads[:, 1]
    return flags, amounts


def tell_turns(columns: Columns) -> tuple[Amounts, Amounts]:
    moves = np.diff(columns.heads, axis=0)
    steps = np.hypot(*moves.T)
    counted = (steps[1:] > LEAST_MOVE_PX) & (steps[:-1] > LEAST_MOVE_PX)
    angle = np.degrees(np.arctan2(moves[:, 1], moves[:, 0]))
    signed = _where((np.diff(angle) + 180) % 360 - 180, counted)
    turns, same_way = np.abs(signed), np.sign(signed[1:]) == np.sign(signed[:-1])
    both = np.isfinite(signed[1:]) & np.isfinite(signed[:-1])
    change = np.abs(np.abs(signed[1:]) - np.abs(signed[:-1]))
    flags = {
        "turns: straight on": _after(_where(turns < 20, counted), 2),
        "turns: back": _after(_where(turns > 150, counted), 2),
        "turns: same way": _after(_where(same_way, both), 3),
        "turns: as before": _after(_where(change < 5, both), 3),
    }
    return flags, {"turns: degrees": _after(turns, 2)}


def tell_sliders(columns: Columns) -> tuple[Amounts, Amounts]:
    """How long sliders are, how fast, and how far they come; of catch, how far sideways."""
    is_slider = columns.sliding & (columns.lengths_px > 0)
    once = is_slider & (columns.slides % 2 == 1)
    reach = np.hypot(*(columns.tails - columns.heads).T) / np.maximum(columns.lengths_px, 1)
    spans = (columns.ends - columns.times) / np.maximum(columns.slides, 1) / columns.beat_lengths
    velocity = columns.lengths_px / np.maximum(spans, 0.01)
    amounts = {
        "sliders: px": _where(columns.lengths_px, is_slider),
        "sliders: px a beat": _where(np.rint(velocity / VELOCITY_PX) * VELOCITY_PX, is_slider),
        "sliders: reach": _where(reach, once),
    }
    return {"sliders: repeat": _where(columns.slides > 1, is_slider)}, amounts


def tell_shapes(columns: Columns) -> tuple[Amounts, Amounts]:
    """How sliders are drawn, and how they are come into."""
    is_slider = columns.sliding & (columns.lengths_px > 0)
    across = columns.tails - columns.heads
    before = np.concatenate([[[0.0, 0.0]], np.diff(columns.heads, axis=0)])
    along = np.degrees(np.arctan2(across[:, 1], across[:, 0]))
    come = np.degrees(np.arctan2(before[:, 1], before[:, 0]))
    far = np.minimum(np.hypot(*before.T), np.hypot(*across.T)) > LEAST_MOVE_PX
    once = is_slider & (columns.slides % 2 == 1)
    straight = np.hypot(*across.T) > STRAIGHT * columns.lengths_px
    turn = np.abs((along - come + 180) % 360 - 180)
    amounts = {
        "sliders: points": _where(columns.anchors, is_slider),
        "sliders: turn into": _where(turn, once & far),
    }
    return {"sliders: straight": _where(straight, once)}, amounts


def tell_combos(columns: Columns) -> tuple[Amounts, Amounts]:
    starts = np.flatnonzero(columns.new_combos)
    lengths = np.full(len(columns), np.nan)
    lengths[starts] = np.diff(np.append(starts, len(columns)))
    on_downbeat = columns.bar_phases == 0
    flags = {
        "combos: new": columns.new_combos,
        "combos: new on a downbeat": _where(on_downbeat, columns.new_combos),
        "combos: downbeats with a new one": _where(columns.new_combos, on_downbeat),
    }
    return flags, {"combos: objects": lengths}


def tell_sounds(columns: Columns) -> tuple[Amounts, Amounts]:
    sounds = columns.sounds
    on_beat = _on(columns, 0.0)
    backbeat = np.mod(columns.bar_phases, 2) == 1
    any_sound = np.any(sounds, axis=1)
    flags = {
        "hitsounds: whistle": sounds[:, 0],
        "hitsounds: finish": sounds[:, 1],
        "hitsounds: clap": sounds[:, 2],
        "hitsounds: any": any_sound,
        "hitsounds: as before": _after((sounds[1:] == sounds[:-1]).all(axis=1)),
        "hitsounds: clap on the backbeat": _where(sounds[:, 2], backbeat),
        "hitsounds: off the beat": _where(any_sound, ~on_beat),
    }
    return flags, {}


def tell_colours(columns: Columns) -> tuple[Amounts, Amounts]:
    """Taiko's dons and kats, and how long one colour lasts."""
    kat, big = np.any(columns.sounds[:, [0, 2]], axis=1), columns.sounds[:, 1]
    change = np.concatenate([[True], kat[1:] != kat[:-1]])
    starts = np.flatnonzero(change)
    runs = np.full(len(columns), np.nan)
    runs[starts] = np.diff(np.append(starts, len(columns)))
    flags = {"colours: kat": kat, "colours: big": big, "colours: change": change}
    return flags, {"colours: run": runs}


def tell_lanes(columns: Columns) -> tuple[Amounts, Amounts]:
    """Mania's chords and columns."""
    lanes, first = columns.lanes, struck_first(columns)
    sizes = np.bincount(np.cumsum(first) - 1)[np.cumsum(first) - 1].astype(np.float64)
    jump = np.abs(np.diff(lanes)) / max(columns.keys - 1, 1)
    flags = {
        "lanes: chord": sizes > 1,
        "lanes: same as last": _after(lanes[1:] == lanes[:-1]),
        "lanes: while another is held": _held_below(columns),
        "lanes: outer": (lanes == 0) | (lanes == columns.keys - 1),
    }
    amounts = {
        "lanes: chord size": _where(sizes, first),
        "lanes: jump": _where(_after(jump), first),
        "lanes: ms since the same": _since_same(columns),
    }
    return flags, amounts


def _since_same(columns: Columns) -> np.ndarray:
    """Milliseconds since the column was struck last."""
    since = np.full(len(columns), LONGEST_GAP)
    for lane in range(columns.keys):
        mine = np.flatnonzero(columns.lanes == lane)
        since[mine[1:]] = np.minimum(np.diff(columns.times[mine]), LONGEST_GAP)
    return since


def _held_below(columns: Columns) -> np.ndarray:
    """Whether something that began before is still held."""
    reach = np.maximum.accumulate(columns.ends)
    return np.concatenate([[False], reach[:-1] > columns.times[1:]])


def _where(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Values as floats, nan where nothing is known."""
    return np.where(known, values, np.nan)


def _after(values: np.ndarray, first: int = 1) -> np.ndarray:
    """Values that begin with a later object than the first, as floats for all of them."""
    return np.concatenate([np.full(first, np.nan), np.asarray(values, np.float64)])


def _back_again(columns: Columns) -> np.ndarray:
    """Whether an object stands where an earlier one began or ended, the last one left out."""
    heads, tails = columns.heads, columns.tails
    found = np.zeros(len(heads), bool)
    for back in range(2, LOOK_BACK + 1):
        for earlier in (heads[:-back], tails[:-back]):
            found[back:] |= np.hypot(*(heads[back:] - earlier).T) <= SAME_PX
    found[1:] &= np.hypot(*(heads[1:] - tails[:-1]).T) > STACK_PX
    return found


Teller = Callable[[Columns], tuple[Amounts, Amounts]]
_RHYTHM: tuple[Teller, ...] = (tell_gaps, tell_types)
TELLERS: Mapping[Mode, tuple[Teller, ...]] = {
    Mode.STD: (
        *_RHYTHM,
        tell_spacing,
        tell_turns,
        tell_sliders,
        tell_shapes,
        tell_combos,
        tell_sounds,
    ),
    Mode.TAIKO: (*_RHYTHM, tell_colours),
    Mode.CATCH: (*_RHYTHM, tell_spacing, tell_sliders, tell_combos, tell_sounds),
    Mode.MANIA: (*_RHYTHM, tell_lanes),
}
"""What tells of a mode's objects."""
