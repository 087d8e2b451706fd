"""Learn which of a song's possible tempos people choose.

    python -m beatheritage.train.tempo --data ../shared/data/train --cache runs/tempo

A conditional logit over each training song's possible tempos; it prints how often it is right about
artists that it was not fitted to, then the numbers of ``timing/preference.py``. What it read of a
song is kept in the cache.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import log_mel
from beatheritage.dataset.catalogue import SongEntry, load_songs
from beatheritage.dataset.split import Row, owners
from beatheritage.engine.onnx import OnnxBeats
from beatheritage.engine.weights import weight_file
from beatheritage.errors import InputError
from beatheritage.timing.beats import BeatListener, hear
from beatheritage.timing.character import character
from beatheritage.timing.grid import is_constant
from beatheritage.timing.novelty import attacks
from beatheritage.timing.preference import Preference
from beatheritage.timing.rank import Tempo, against_silence, features, possible, score
from beatheritage.train.beats import most_agreed

FOLDS = 3
RIGHT_BPM = 0.05
RIDGE = 3.0
"""Of weights of features with a spread of 1; the likelier of 3 and 10 on artists left out."""
STEPS = 100
ENOUGH = 1e-5  # log-likelihood that another step must gain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """A song's possible tempos, and which of them people chose (-1: none of them)."""

    kind: str
    artist: str
    tempos: tuple[Tempo, ...]
    character: np.ndarray
    chosen: int


def choices(data: Path, cache: Path, listener: BeatListener) -> tuple[Choice, ...]:
    """What there is to learn from: the training songs that people timed with one tempo."""
    songs = [song for song in load_songs(data) if not song.validation]
    rows = [Row(artist=song.artist, title=song.title, song_id=song.id) for song in songs]
    found = []
    for song, owner in zip(songs, owners(rows), strict=True):
        bpm = _human_bpm(song)
        if bpm is not None:
            heard = _heard(song, cache, listener)
            if heard is not None:
                found.append(_choice(song.kind, owner or song.id, heard, bpm))
    return tuple(found)


def _human_bpm(song: SongEntry) -> float | None:
    """The tempo of the song's maps; None where there is none, or more than one."""
    beatmaps = [beatmap for beatmap in song.charts.beatmaps if beatmap.red_lines]
    if not beatmaps:
        return None
    lines = most_agreed(beatmaps).red_lines
    return lines[0].bpm if is_constant(lines) else None


def _heard(
    song: SongEntry, cache: Path, listener: BeatListener
) -> tuple[tuple[Tempo, ...], np.ndarray] | None:
    """Possible tempos and character, read from ``cache`` or worked out and put there."""
    path = cache / f"{song.id}.npz"
    if not path.exists():
        try:
            samples = read_song(song.audio).samples
        except InputError:
            return None
        mel = log_mel(samples)
        tempos = possible(attacks(samples), hear(mel, listener))
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez(file, tempos=list(map(astuple, tempos)), character=character(mel))
        unfinished.replace(path)
    with np.load(path) as kept:
        names = [field.name for field in fields(Tempo)]
        rows = kept["tempos"].tolist()
        return tuple(Tempo(**dict(zip(names, row, strict=True))) for row in rows), kept["character"]


def _choice(
    kind: str, artist: str, heard: tuple[tuple[Tempo, ...], np.ndarray], bpm: float
) -> Choice:
    tempos, traits = heard
    off = [abs(tempo.bpm - bpm) for tempo in tempos]
    best = int(np.argmin(off))
    chosen = best if off[best] <= RIGHT_BPM else -1
    return Choice(kind=kind, artist=artist, tempos=tempos, character=traits, chosen=chosen)


def fit(songs: Sequence[Choice]) -> Preference:
    """The weights under which what people chose is likeliest, held back by ``RIDGE``."""
    traits = np.stack([song.character for song in songs])
    middles, spreads = traits.mean(0), traits.std(0) + 1e-9
    plain = Preference(middles=middles, spreads=spreads, weights=np.zeros(0))
    known = [song for song in songs if song.chosen >= 0]
    tables = [features(song.tempos, song.character, plain) for song in known]
    size = np.concatenate(tables).std(0) + 1e-9
    # From what was chosen to each: only differences count.
    steps = [(table - table[song.chosen]) / size for table, song in zip(tables, known, strict=True)]
    given = [against_silence(song.tempos) for song in known]
    given = [one - one[song.chosen] for one, song in zip(given, known, strict=True)]
    return Preference(middles=middles, spreads=spreads, weights=_logit(steps, given) / size)


def _logit(steps: Sequence[np.ndarray], given: Sequence[np.ndarray]) -> np.ndarray:
    """Newton's method, halving steps that lead down; what is chosen has a score of 0."""
    weights = np.zeros(steps[0].shape[1])
    gain = _likelihood(steps, given, weights)
    for _ in range(STEPS):
        slope, curve = -RIDGE * weights, RIDGE * np.eye(len(weights))
        for table, odds in zip(steps, given, strict=True):
            share = _shares(table @ weights + odds)
            mean = share @ table
            slope = slope - mean
            curve += (table * share[:, None]).T @ table - np.outer(mean, mean)
        step = np.linalg.solve(curve, slope)
        while (new := _likelihood(steps, given, weights + step)) < gain:
            step /= 2
        weights, grown, gain = weights + step, new - gain, new
        if grown < ENOUGH:
            break
    return weights


def _shares(scores: np.ndarray) -> np.ndarray:
    odds = np.exp(scores - scores.max())
    return odds / odds.sum()


def _likelihood(
    steps: Sequence[np.ndarray], given: Sequence[np.ndarray], weights: np.ndarray
) -> float:
    scores = [table @ weights + odds for table, odds in zip(steps, given, strict=True)]
    lost = sum(one.max() + float(np.log(np.exp(one - one.max()).sum())) for one in scores)
    return -lost - RIDGE / 2 * float(weights @ weights)


def right_elsewhere(songs: Sequence[Choice]) -> np.ndarray:
    """For each song, whether weights fitted to other artists choose as people did."""
    fold = np.array([_fold(song.artist) for song in songs])
    right = np.zeros(len(songs), bool)
    for left_out in range(FOLDS):
        learned = fit([song for song, own in zip(songs, fold, strict=True) if own != left_out])
        for index in np.flatnonzero(fold == left_out).tolist():
            right[index] = choose(songs[index], learned) == songs[index].chosen
    return right


def _fold(artist: str) -> int:
    return int(hashlib.sha256(artist.encode()).hexdigest(), 16) % FOLDS


def choose(song: Choice, preference: Preference) -> int:
    return int(np.argmax(score(song.tempos, song.character, preference)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn which tempos people choose.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    songs = choices(options.data, options.cache, OnnxBeats(weight_file("beats.onnx")))
    right = right_elsewhere(songs)
    for kind in sorted({song.kind for song in songs}):
        mine = np.array([song.kind == kind for song in songs])
        print(f"{kind}: {right[mine].sum()} of {mine.sum()}", file=sys.stderr)
    learned = fit(songs)
    for field in fields(Preference):
        print(field.name, np.array2string(getattr(learned, field.name), precision=3))


if __name__ == "__main__":
    main()
