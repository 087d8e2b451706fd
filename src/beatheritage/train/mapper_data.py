"""What the native mapper learns from: windows of charts, with the song along their beats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from beatheritage.audio.grid import POSITIONS_PER_BEAT, REACH_FRAMES
from beatheritage.audio.mel import BANDS, FRAME_MS
from beatheritage.engine.mapper import Score
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.timing.lead import MAP_LEAD_MS
from beatheritage.timing.score import score_along
from beatheritage.tokens import prompt
from beatheritage.tokens.beats import Encoded, encode
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.vocabulary import Token, ids
from beatheritage.train.mapper_noise import NO_NOISE, Noise, through_codec, with_slips

WINDOW_BEATS = 64
MARGIN_BEATS = 8  # heard on either side of the window
MOST_TOKENS = 704
BUCKET = 4  # batches
LEAD_BEATS = 8  # how far before the first and behind the last object a chart is evidence of silence
MODE_SHARES = {Mode.STD: 0.42, Mode.TAIKO: 0.22, Mode.CATCH: 0.1, Mode.MANIA: 0.26}
AUDIO_SHARE = 0.85  # of windows; the rest come from charts alone
DEAF_SHARE = 0.03  # windows whose song is withheld
HOLE_SHARE = 0.25  # windows in which a span is written between its past and its future
KNOWN_STARS = 0.9
STYLED_SHARE = 0.5  # windows of which something of the style is told
KNOWN_STYLE = 0.6  # of these, each measure by itself
JITTER_MS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One chart, encoded once. ``song`` names its mel, empty where there is none."""

    song: str
    mode: Mode
    keys: int
    stars: float
    style: prompt.Style
    timing: Timing
    encoded: Encoded
    kiai: tuple[tuple[int, int], ...]
    beats: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Windows side by side, padded; see ``model.mapper`` for what the arrays mean.

    ``targets`` is -1 where nothing is learnt; ``choices`` what each target is chosen among.
    """

    patch_BPM: np.ndarray
    phase_BP: np.ndarray
    tempo_BP: np.ndarray
    heard_B: np.ndarray
    condition_BC: np.ndarray
    onset_BN: np.ndarray
    known_BN: np.ndarray
    kiai_BP: np.ndarray
    tokens_BT: np.ndarray
    ticks_BT: np.ndarray
    floors_BT: np.ndarray
    targets_BT: np.ndarray
    choices_BT: np.ndarray


def example_of(beatmap: Beatmap, song: str, stars: float) -> Example:
    """Encode a chart. Beats run from shortly before its first object to shortly behind its last."""
    timing = Timing(lines=beatmap.red_lines)
    draft = draft_of(beatmap, timing)
    keys = round(beatmap.difficulty.circle_size) if beatmap.mode is Mode.MANIA else 4
    first = min(event.tick for event in draft.events) // TICKS_PER_BEAT
    last = max(event.end for event in draft.events) // TICKS_PER_BEAT + 1
    beats = (first - LEAD_BEATS, last + LEAD_BEATS)
    encoded = encode(draft.events, beatmap.mode, keys, *beats)
    return Example(
        song=song,
        mode=beatmap.mode,
        keys=keys,
        stars=stars,
        style=prompt.measure_style(draft.events),
        timing=timing,
        encoded=encoded,
        kiai=draft.kiai,
        beats=beats,
    )


class Windows:
    """An endless, seeded stream of batches."""

    def __init__(
        self,
        examples: Sequence[Example],
        mels: dict[str, np.ndarray],
        size: int,
        noise: Noise = NO_NOISE,
    ) -> None:
        self.mels, self.size, self.noise = mels, size, noise
        self.heard = _by_mode([each for each in examples if each.song in mels])
        self.unheard = _by_mode([each for each in examples if each.song not in mels])

    def batches(self, rng: np.random.Generator) -> list[Batch]:
        """``BUCKET`` batches of windows of like lengths, so that little is padding."""
        rows = [self._window(rng) for _ in range(self.size * BUCKET)]
        rows.sort(key=lambda row: len(row["tokens_BT"]))
        groups = [rows[first : first + self.size] for first in range(0, len(rows), self.size)]
        rng.shuffle(groups)
        return [stacked(group) for group in groups]

    def _pick(self, rng: np.random.Generator) -> tuple[Example, bool]:
        modes = list(MODE_SHARES)
        shares = np.array([MODE_SHARES[mode] for mode in modes])
        mode = modes[rng.choice(len(modes), p=shares / shares.sum())]
        converted = mode is Mode.CATCH and rng.random() < 0.7
        pool = self.heard if rng.random() < AUDIO_SHARE or not self.unheard else self.unheard
        charts = pool.get(Mode.STD if converted else mode) or pool[Mode.STD]
        return charts[rng.integers(len(charts))], converted

    def _window(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        chart, converted = self._pick(rng)
        first = int(rng.integers(chart.beats[0], max(chart.beats[0] + 1, chart.beats[1] - 40)))
        last = min(first + WINDOW_BEATS, chart.beats[1])
        mel = self.mels.get(chart.song)
        origin = first - MARGIN_BEATS
        beats = WINDOW_BEATS + 2 * MARGIN_BEATS
        heard = mel is not None and rng.random() >= DEAF_SHARE
        score = _listen(mel if heard else None, chart.timing, (origin, beats), self.noise, rng)
        onset, known = onsets_of(chart, origin, beats)
        return {
            "patch_BPM": _augment(score.patches, rng) if heard else score.patches,
            "phase_BP": score.phases,
            "tempo_BP": score.tempos,
            "heard_B": np.array(heard, np.float32),
            "condition_BC": _conditions(chart, converted, rng),
            "onset_BN": onset,
            "known_BN": known * (1.0 if heard else 0.3),
            "kiai_BP": kiai_of(chart, origin, beats),
            **_sequence(chart.encoded, (origin, first, last), self.noise, rng),
        }


def _listen(
    mel: np.ndarray | None,
    timing: Timing,
    span: tuple[int, int],
    noise: Noise,
    rng: np.random.Generator,
) -> Score:
    """The song from a beat on for so many beats, a little early or late; silence without a mel."""
    origin, beats = span
    jitter = float(rng.uniform(-JITTER_MS, JITTER_MS))
    if mel is None:
        return score_along(np.zeros((1, BANDS), np.float32), timing, origin, beats, jitter)
    if rng.random() >= noise.codec:
        return score_along(mel, timing, origin, beats, jitter)
    ends = timing.time(np.array([origin, origin + beats], float)) + MAP_LEAD_MS
    first, last = np.rint(ends / FRAME_MS).astype(int) + np.array([-1, 1]) * 2 * REACH_FRAMES
    first, last = np.clip([first, last], 0, len(mel) - 1)
    piece = through_codec(np.asarray(mel[first : last + 1], np.float32), rng)
    return score_along(piece, timing, origin, beats, jitter - first * FRAME_MS)


def _sequence(
    encoded: Encoded, beats: tuple[int, int, int], noise: Noise, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Tokens of a window; at times a hole is cut, whose future is told before its past.

    What is told may hold slips; what is to be learnt behind them does not.
    """
    origin, first, last = beats
    if rng.random() < HOLE_SHARE and last - first > 24:
        start = int(rng.integers(first + 4, last - 16))
        stop = start + int(rng.integers(4, 17))
        parts = [encoded.span(stop, last, Token.FUTURE), encoded.span(first, stop)]
    else:
        parts = [encoded.span(first, last)]
    learnt = np.concatenate([np.full(len(part.tokens), part is parts[-1]) for part in parts])
    tokens = np.concatenate([part.tokens for part in parts])[:MOST_TOKENS]
    learnt = learnt[: len(tokens)]
    ticks = np.concatenate([part.ticks for part in parts])[: len(tokens)]
    floors = np.concatenate([part.floors for part in parts])[: len(tokens)]
    choices = np.concatenate([part.choices for part in parts])[: len(tokens)]
    # A token is learnt where the one before it belongs to the same, learnt part.
    targets = np.where(learnt[1:] & learnt[:-1], tokens[1:], -1)
    told = tokens[:-1]
    if rng.random() < noise.slipping:
        told = with_slips(told, rng.uniform(0, noise.slips), rng)
    return {
        "tokens_BT": told.astype(np.int64),
        "ticks_BT": (ticks[:-1] - origin * TICKS_PER_BEAT).astype(np.int64),
        "floors_BT": floors[:-1].astype(np.float32),
        "targets_BT": targets.astype(np.int64),
        "choices_BT": choices[1:].astype(np.int64),
    }


def onsets_of(chart: Example, origin: int, beats: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each tick of the window holds an onset, and whether the chart says so."""
    tokens = chart.encoded.tokens
    is_tick = (tokens >= _TICKS.start) & (tokens < _TICKS.stop)
    ticks = chart.encoded.ticks[is_tick] - origin * TICKS_PER_BEAT
    onset = np.zeros(beats * TICKS_PER_BEAT, np.float32)
    onset[ticks[(ticks >= 0) & (ticks < len(onset))]] = 1
    places = origin * TICKS_PER_BEAT + np.arange(len(onset))
    known = (places >= chart.beats[0] * TICKS_PER_BEAT) & (places < chart.beats[1] * TICKS_PER_BEAT)
    return onset, known.astype(np.float32)


def kiai_of(chart: Example, origin: int, beats: int) -> np.ndarray:
    """1 in kiai, 0 out of it, -1 where the chart has none at all."""
    if not chart.kiai:
        return np.full(beats * POSITIONS_PER_BEAT, -1, np.float32)
    ticks = origin * TICKS_PER_BEAT + np.arange(beats * POSITIONS_PER_BEAT) * 4 + 1
    inside = [(ticks >= start) & (ticks < stop) for start, stop in chart.kiai]
    return np.any(inside, axis=0).astype(np.float32)


def _conditions(chart: Example, converted: bool, rng: np.random.Generator) -> np.ndarray:
    """Conditions with some left out, so that the model can do without."""
    told = KNOWN_STYLE if rng.random() < STYLED_SHARE else 0
    known = {
        name: getattr(chart.style, name) if rng.random() < told else None for name in _MEASURES
    }
    conditions = prompt.Conditions(
        mode=Mode.CATCH if converted else chart.mode,
        keys=chart.keys,
        stars=chart.stars if rng.random() < KNOWN_STARS and not converted else None,
        bpm=chart.timing.lines[0].bpm,
        style=replace(prompt.Style(), **known),
    )
    return prompt.condition_vector(conditions)


def _augment(patch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Louder or softer, a little higher or lower, a band of frequencies gone."""
    bands = patch.reshape(len(patch), -1, BANDS)
    shift = int(rng.integers(-1, 2))
    if shift:
        bands = np.roll(bands, shift, axis=2)
    bands = bands + np.float32(rng.normal(0, 0.08))
    if rng.random() < 0.3:
        low = int(rng.integers(0, 42))
        bands[:, :, low : low + int(rng.integers(2, 7))] = bands.mean()
    return bands.reshape(patch.shape)


def _by_mode(examples: Sequence[Example]) -> dict[Mode, list[Example]]:
    pools: dict[Mode, list[Example]] = {}
    for example in examples:
        pools.setdefault(example.mode, []).append(example)
    return pools


def batches(windows: Windows, seed: int, first_step: int) -> Iterator[Batch]:
    """Batches from a step on: each bucket has a generator of its own, so that a resumed run goes on
    with the same ones."""
    for bucket in count(first_step // BUCKET):
        made = windows.batches(np.random.default_rng([seed, bucket]))
        skipped = max(0, first_step - bucket * BUCKET)
        yield from made[skipped:]


def stacked(rows: Sequence[dict[str, np.ndarray]]) -> Batch:
    longest = max(len(row["tokens_BT"]) for row in rows)
    columns = {}
    for name in rows[0]:
        arrays = [row[name] for row in rows]
        if name.endswith("_BT"):
            fill = -1 if name == "targets_BT" else 0
            arrays = [
                np.pad(each, (0, longest - len(each)), constant_values=fill) for each in arrays
            ]
        columns[name] = np.stack(arrays)
    return Batch(**columns)


_MEASURES = ("density", "slider_share", "stream_share", "hold_share", "hitsounding")
_TICKS = ids(Token.TICK)
