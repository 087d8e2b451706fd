"""What the native mapper learns from: windows of charts, with the song along their beats.

What is done to them is a recipe's: how they sound, what is told of them, what is hidden inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from beatheritage.audio.grid import REACH_FRAMES
from beatheritage.audio.mel import BANDS, FRAME_MS
from beatheritage.engine.mapper import Score
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.timing.lead import MAP_LEAD_MS
from beatheritage.timing.score import score_along
from beatheritage.tokens import prompt
from beatheritage.tokens.vocabulary import Token
from beatheritage.train.learner import hand
from beatheritage.train.mapper_data import (
    MARGIN_BEATS,
    MOST_TOKENS,
    WINDOW_BEATS,
    Example,
    kiai_of,
    onsets_of,
)
from beatheritage.train.mapper_noise import Noise, through_codec, with_slips

LEAST_BEATS = 40  # of a window that a chart's end cuts short
LEAST_PAST = 4  # beats before a hidden span
HIDDEN_SILENCE = 0.3  # what onsets count where the song is withheld
MASKED_BANDS = range(2, 7)
LEAST_STRETCH = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How often each mode is drawn, and charts with their song; ``converted``: of catch, how often
    from a std chart, as osu! does it."""

    std: float = 0.42
    taiko: float = 0.22
    catch: float = 0.1
    mania: float = 0.26
    converted: float = 0.7
    heard: float = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class MelSound:
    """How a window may sound otherwise: faster or slower by up to the share ``tempo``, ``pitch``
    bands higher or lower, ``gain`` levels (20 dB) louder or softer, ``offset`` ms early or late;
    in the share ``masked`` of windows some bands are gone."""

    tempo: float = 0.0
    pitch: int = 1
    gain: float = 0.08
    offset: float = 5.0
    masked: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropout:
    """How often the model must do without the song, the stars, all of the style, each measure."""

    song: float = 0.03
    stars: float = 0.1
    style: float = 0.5
    measure: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Infilling:
    """In the share ``share`` of windows a span of ``least`` to ``most`` beats is written between
    its past and its future."""

    share: float = 0.25
    least: int = 4
    most: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """All that is done to a window of so many beats."""

    mix: Mix = field(default_factory=Mix)
    sound: MelSound = field(default_factory=MelSound)
    noise: Noise = field(default_factory=Noise)
    dropout: Dropout = field(default_factory=Dropout)
    infilling: Infilling = field(default_factory=Infilling)
    beats: int = WINDOW_BEATS


Row = dict[str, np.ndarray]
"""One window, by the fields of ``mapper_data.Batch``."""


class Charts:
    """Examples by mode, with their song and without."""

    def __init__(self, examples: Sequence[Example], mels: dict[str, np.ndarray]) -> None:
        self.mels = mels
        self.heard = _by_mode([each for each in examples if each.song in mels])
        self.unheard = _by_mode([each for each in examples if each.song not in mels])

    @property
    def count(self) -> int:
        """How many charts there are."""
        return sum(len(each) for pool in (self.heard, self.unheard) for each in pool.values())

    def pick(
        self, mix: Mix, dealt: tuple[int, int], rng: np.random.Generator
    ) -> tuple[Example, bool]:
        """A chart from a slot's hand (slot, deals), and whether it is to be one of catch."""
        wants_sound = rng.random() < mix.heard
        pools = (self.heard if wants_sound else self.unheard) or self.heard or self.unheard
        shares = np.array([_share_of(mode, mix, pools) for mode in Mode])
        mode = Mode(rng.choice(len(Mode), p=shares / shares.sum()))
        converted = mode is Mode.CATCH and rng.random() < mix.converted and Mode.STD in pools
        charts = pools.get(Mode.STD if converted else mode) or pools[Mode.STD]
        own = hand(len(charts), *dealt)
        return charts[own[int(rng.integers(len(own)))]], converted


def _share_of(mode: Mode, mix: Mix, pools: dict[Mode, list[Example]]) -> float:
    """How often a mode is drawn, 0 where there is nothing to draw."""
    there = mode in pools or (mode is Mode.CATCH and Mode.STD in pools)
    return getattr(mix, mode.name.lower()) * there + (1e-9 if there else 0.0)


def draw_row(
    charts: Charts, telling: Telling, dealt: tuple[int, int], rng: np.random.Generator
) -> Row:
    """One window. ``dealt``: a slot, and among how many the charts are dealt out."""
    chart, converted = charts.pick(telling.mix, dealt, rng)
    room = max(chart.beats[0] + 1, chart.beats[1] - LEAST_BEATS)
    first = int(rng.integers(chart.beats[0], room))
    last = min(first + telling.beats, chart.beats[1])
    origin, beats = first - MARGIN_BEATS, telling.beats + 2 * MARGIN_BEATS
    mel = charts.mels.get(chart.song)
    mel = None if rng.random() < telling.dropout.song else mel
    stretch = 1 + rng.uniform(-1, 1) * telling.sound.tempo
    score = _listen(mel, chart.timing, (origin, beats, stretch), telling, rng)
    onset, known = onsets_of(chart, origin, beats)
    return {
        "patch_BPM": score.patches
        if mel is None
        else _recoloured(score.patches, telling.sound, rng),
        "phase_BP": score.phases,
        "tempo_BP": score.tempos,
        "heard_B": np.array(mel is not None, np.float32),
        "condition_BC": _conditions(chart, converted, stretch, telling.dropout, rng),
        "onset_BN": onset,
        "known_BN": known * (HIDDEN_SILENCE if mel is None else 1.0),
        "kiai_BP": kiai_of(chart, origin, beats),
        **_sequence(chart, (origin, first, last), telling, rng),
    }


def _listen(
    mel: np.ndarray | None,
    timing: Timing,
    span: tuple[int, int, float],
    telling: Telling,
    rng: np.random.Generator,
) -> Score:
    """The song from a beat on for so many beats, at some speed; silence without a mel."""
    origin, beats, stretch = span
    offset = float(rng.uniform(-1, 1)) * telling.sound.offset
    lines = tuple(
        replace(line, time=line.time / stretch, beat_length=line.beat_length / stretch)
        for line in timing.lines
    )
    played = Timing(lines=lines)
    if mel is None:
        return score_along(np.zeros((1, BANDS), np.float32), played, origin, beats, offset)
    ends = timing.time(np.array([origin, origin + beats], float)) + MAP_LEAD_MS
    first, last = np.rint(ends / FRAME_MS).astype(int) + np.array([-1, 1]) * 2 * REACH_FRAMES
    first, last = np.clip([first, last], 0, len(mel) - 1)
    piece = np.asarray(mel[first : last + 1], np.float32)
    if abs(stretch - 1) > LEAST_STRETCH:
        piece = _at_speed(piece, stretch)
    if rng.random() < telling.noise.codec:
        piece = through_codec(piece, rng)
    # The sound stands MAP_LEAD_MS behind the chart, which the stretch has changed too.
    lead = MAP_LEAD_MS / stretch - MAP_LEAD_MS
    return score_along(piece, played, origin, beats, offset + lead - first * FRAME_MS / stretch)


def _at_speed(mel: np.ndarray, stretch: float) -> np.ndarray:
    """Frames as if the song were played at so many times its speed, its pitch kept."""
    places = np.arange(0, len(mel) - 1, stretch)
    low = places.astype(np.int64)
    part = (places - low).astype(np.float32)[:, None]
    return mel[low] * (1 - part) + mel[low + 1] * part


def _recoloured(patch: np.ndarray, sound: MelSound, rng: np.random.Generator) -> np.ndarray:
    """Louder or softer, a little higher or lower, a band of frequencies gone."""
    bands = patch.reshape(len(patch), -1, BANDS)
    shift = int(rng.integers(-sound.pitch, sound.pitch + 1))
    if shift:
        bands = np.roll(bands, shift, axis=2)
    bands = bands + np.float32(rng.normal() * sound.gain)
    if rng.random() < sound.masked:
        low = int(rng.integers(0, BANDS - MASKED_BANDS.stop + 1))
        bands[:, :, low : low + int(rng.choice(MASKED_BANDS))] = bands.mean()
    return bands.reshape(patch.shape)


def _conditions(
    chart: Example, converted: bool, stretch: float, dropout: Dropout, rng: np.random.Generator
) -> np.ndarray:
    """Conditions with some left out, so that the model can do without.

    How hard a chart is at another speed, or in another mode, is not known.
    """
    told = rng.random() >= dropout.style
    known = {
        name: getattr(chart.style, name) if rng.random() >= dropout.measure and told else None
        for name in _MEASURES
    }
    knows_stars = rng.random() >= dropout.stars and abs(stretch - 1) <= LEAST_STRETCH
    conditions = prompt.Conditions(
        mode=Mode.CATCH if converted else chart.mode,
        keys=chart.keys,
        stars=chart.stars if knows_stars and not converted else None,
        bpm=chart.timing.lines[0].bpm * stretch,
        style=replace(prompt.Style(), **known),
    )
    return prompt.condition_vector(conditions)


def _sequence(
    chart: Example, beats: tuple[int, int, int], telling: Telling, rng: np.random.Generator
) -> Row:
    """Tokens of a window; at times a hole is cut, whose future is told before its past.

    What is told may hold slips; what is to be learnt behind them does not.
    """
    (origin, first, last), encoded, hole = beats, chart.encoded, telling.infilling
    room = last - first - LEAST_PAST - hole.most
    if rng.random() < hole.share and room > 0:
        start = int(rng.integers(first + LEAST_PAST, last - hole.most))
        stop = start + int(rng.integers(hole.least, hole.most + 1))
        parts = [encoded.span(stop, last, Token.FUTURE), encoded.span(first, stop)]
    else:
        parts = [encoded.span(first, last)]
    learnt = np.concatenate([np.full(len(part.tokens), part is parts[-1]) for part in parts])
    learnt = learnt[:MOST_TOKENS]
    tokens, ticks, floors, choices = (
        np.concatenate([getattr(part, name) for part in parts])[:MOST_TOKENS]
        for name in ("tokens", "ticks", "floors", "choices")
    )
    # A token is learnt where the one before it belongs to the same, learnt part.
    targets = np.where(learnt[1:] & learnt[:-1], tokens[1:], -1)
    told = tokens[:-1]
    if rng.random() < telling.noise.slipping:
        told = with_slips(told, rng.uniform(0, telling.noise.slips), rng)
    return {
        "tokens_BT": told.astype(np.int64),
        "ticks_BT": (ticks[:-1] - origin * TICKS_PER_BEAT).astype(np.int64),
        "floors_BT": floors[:-1].astype(np.float32),
        "targets_BT": targets.astype(np.int64),
        "choices_BT": choices[1:].astype(np.int64),
    }


def _by_mode(examples: Sequence[Example]) -> dict[Mode, list[Example]]:
    pools: dict[Mode, list[Example]] = {}
    for example in examples:
        pools.setdefault(example.mode, []).append(example)
    return pools


_MEASURES = ("density", "slider_share", "stream_share", "hold_share", "hitsounding")
