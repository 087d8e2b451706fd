"""What the model is told besides the song: mode, keys, stars, tempo and measured style.

A style is measured on the chart itself, so every knob has data. Whatever is unknown is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import MAX_KEYS, MIN_KEYS, Mode
from beatheritage.tokens.events import Event, Kind

ADDITIONS = HitSound.WHISTLE | HitSound.FINISH | HitSound.CLAP
QUARTER_TICKS = 12
REST_TICKS = 8 * 48  # a gap of two bars is a rest, which says nothing about density
KEYS = range(MIN_KEYS, MAX_KEYS + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the map should be like, 0 to 1 each; None leaves it to the model.

    ``density`` is the share of quarter beats that hold an object, rests apart; ``stream_share`` is
    the share of gaps between onsets of at most a quarter beat; ``slider_share``, ``hold_share`` and
    ``hitsounding`` (an addition on it) are shares of objects; ``spacing`` is the placer's: from
    stacked to wide.
    """

    density: float | None = None
    slider_share: float | None = None
    stream_share: float | None = None
    hold_share: float | None = None
    hitsounding: float | None = None
    spacing: float | None = None


_OBJECTS = ("density", "stream_share", "hitsounding")
KNOBS: dict[Mode, tuple[str, ...]] = {
    Mode.STD: (*_OBJECTS, "slider_share", "spacing"),
    Mode.TAIKO: (*_OBJECTS, "slider_share"),  # drumrolls; what is no don, or big, is an addition
    Mode.CATCH: (*_OBJECTS, "slider_share", "spacing"),
    Mode.MANIA: ("density", "stream_share", "hold_share"),  # notes are written without sounds
}
"""Which measures of style mean something in a mode, and can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is known of the map to write. ``keys`` counts in mania alone."""

    mode: Mode
    keys: int = 4
    stars: float | None = None
    bpm: float | None = None
    style: Style = field(default_factory=Style)


SCALES: dict[str, tuple[float, ...]] = {
    "stars": (0.5, 1.25, 2, 2.75, 3.5, 4.25, 5, 5.75, 6.5, 7.5, 9),
    "bpm": (70, 90, 110, 130, 150, 170, 190, 210, 240, 300),
    "density": (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.9),
    "slider_share": (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1),
    "stream_share": (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1),
    "hold_share": (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1),
    "hitsounding": (0, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 1),
}
"""Where each scale's bins stand; a value lights the two beside it."""

SIZE = len(Mode) + len(KEYS) + sum(len(bins) for bins in SCALES.values())


def measure_style(events: Sequence[Event]) -> Style:
    """The style of a chart; all None for one without two objects."""
    onsets = np.unique([event.tick for event in events])
    if len(onsets) < 2:
        return Style()
    gaps = np.diff(onsets)
    room = np.minimum(gaps, REST_TICKS).sum() / QUARTER_TICKS
    return Style(
        density=float(min(1, len(np.unique(onsets // QUARTER_TICKS)) / max(1, room))),
        slider_share=_share(event.kind is Kind.SLIDER for event in events),
        stream_share=float(np.mean(gaps <= QUARTER_TICKS)),
        hold_share=_share(event.kind is Kind.HOLD for event in events),
        hitsounding=_share(bool(event.sound & ADDITIONS) for event in events),
    )


def condition_vector(conditions: Conditions) -> np.ndarray:
    """Conditions as the model reads them, float32 (SIZE,); what is unknown lights nothing."""
    mode = np.eye(len(Mode))[conditions.mode]
    keys = np.array([conditions.mode is Mode.MANIA and conditions.keys == key for key in KEYS])
    values = {"stars": conditions.stars, "bpm": conditions.bpm}
    parts = [mode, keys]
    for name, bins in SCALES.items():
        value = values.get(name, getattr(conditions.style, name, None))
        parts.append(_light(value, bins))
    return np.concatenate(parts).astype(np.float32)


def _light(value: float | None, bins: tuple[float, ...]) -> np.ndarray:
    lights = np.zeros(len(bins))
    if value is not None:
        place = float(np.interp(value, bins, range(len(bins))))
        low = min(int(place), len(bins) - 2)
        lights[low], lights[low + 1] = low + 1 - place, place - low
    return lights


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed)
