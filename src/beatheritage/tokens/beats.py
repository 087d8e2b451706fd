"""The native codec: events to tokens and back.

Every token carries where it stands: the tick that has been reached, and the first tick of its beat
where an object may start. The model hears the song at the former and is told the latter, so neither
has to be counted out of the sequence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.grammar import DRUM_SOUNDS, TICKS_PER_BEAT, DraftWriter
from beatheritage.tokens.vocabulary import (
    LENGTH_TICKS,
    VELOCITIES,
    Token,
    meaning,
    nearest,
    token_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Tokens with what the model is told of each. All arrays are int32 (tokens,).

    ``ticks`` and ``floors`` hold after a token has been read, ``choices`` is what it was chosen
    among, ``beats`` the beat that it belongs to.
    """

    tokens: np.ndarray
    ticks: np.ndarray
    floors: np.ndarray
    choices: np.ndarray
    beats: np.ndarray
    dropped: int = 0  # events that the grammar refuses

    def span(self, first: int, last: int, opener: Token = Token.START) -> "Encoded":
        """The tokens of beats ``first`` to ``last - 1``, opened by ``opener``."""
        start, stop = np.searchsorted(self.beats, [first, last])
        tokens = self.tokens[start:stop].copy()
        tokens[:1] = token_id(opener)
        rest = (self.ticks, self.floors, self.choices, self.beats)
        ticks, floors, choices, beats = (array[start:stop] for array in rest)
        return Encoded(tokens=tokens, ticks=ticks, floors=floors, choices=choices, beats=beats)


def encode(
    events: Iterable[Event], mode: Mode, keys: int, first_beat: int, last_beat: int
) -> Encoded:
    """Write beats ``first_beat`` to ``last_beat - 1``, each opened by a ``BEAT``.

    Lengths and velocities go to the nearest that the vocabulary has. Events that the grammar
    refuses (off the snaps, overlapping another) are left out and counted.
    """
    writer = DraftWriter(mode=mode, keys=keys, limit=last_beat * TICKS_PER_BEAT)
    rows: list[tuple[int, int, int, int, int]] = []
    dropped = 0

    def write(token: int) -> None:
        choice = int(writer.choice)
        writer.push(token)
        rows.append((token, writer.tick, writer.floor_in_beat(), choice, writer.beat))

    writer.open(first_beat - 1)
    ordered = sorted(events, key=lambda event: (event.tick, event.column))
    for event in ordered:
        beat = event.tick // TICKS_PER_BEAT
        if not first_beat <= beat < last_beat:
            continue
        while writer.beat < beat:
            write(token_id(Token.BEAT))
        spelled = tuple(_spell(event, mode, writer))
        if not _admits(writer, spelled):
            dropped += 1
            continue
        for token in spelled:
            write(token)
    while writer.beat < last_beat - 1:
        write(token_id(Token.BEAT))
    columns = np.array(rows, np.int32).reshape(-1, 5).T
    tokens, ticks, floors, choices, beats = columns
    return Encoded(
        tokens=tokens, ticks=ticks, floors=floors, choices=choices, beats=beats, dropped=dropped
    )


def decode(
    tokens: Iterable[int], mode: Mode, keys: int, first_beat: int, limit: int
) -> list[Event]:
    """The events that tokens spell from the start of ``first_beat``."""
    writer = DraftWriter(mode=mode, keys=keys, limit=limit)
    writer.open(first_beat)
    for token in tokens:
        if meaning(token)[0] is not Token.START:
            writer.push(token)
    return writer.events


def _spell(event: Event, mode: Mode, writer: DraftWriter) -> Iterator[int]:
    """The tokens of one event."""
    sound = (int(event.sound) >> 1) & 7
    length = nearest(LENGTH_TICKS, max(1, (event.end - event.tick) // max(1, event.slides)))
    in_chord = mode is Mode.MANIA and bool(writer.events) and writer.events[-1].tick == event.tick
    if not in_chord:
        yield token_id(Token.TICK, event.tick % TICKS_PER_BEAT)
    match mode, event.kind:
        case Mode.MANIA, Kind.CIRCLE:
            yield token_id(Token.NOTE, event.column)
        case Mode.MANIA, _:
            yield token_id(Token.HOLD, event.column)
            yield token_id(Token.LENGTH, length)
        case Mode.TAIKO, Kind.CIRCLE:
            big, kat = HitSound.FINISH, HitSound.CLAP | HitSound.WHISTLE
            sound = (big & event.sound) | (HitSound.CLAP if event.sound & kat else HitSound.NONE)
            yield token_id(Token.DRUM, DRUM_SOUNDS.index(sound))
        case Mode.TAIKO, Kind.SLIDER:
            length = nearest(LENGTH_TICKS, max(1, event.end - event.tick))
            yield token_id(Token.DRUMROLL, int(bool(event.sound & HitSound.FINISH)))
            yield token_id(Token.LENGTH, length)
        case Mode.TAIKO, _:
            yield token_id(Token.DENDEN)
            yield token_id(Token.LENGTH, length)
        case _, Kind.CIRCLE:
            yield token_id(Token.CIRCLE, int(event.new_combo))
            yield token_id(Token.SOUND, sound)
        case _, Kind.SLIDER:
            tail = (int(event.edges[-1].sound) >> 1) & 7 if event.edges else 0
            yield token_id(Token.SLIDER, int(event.new_combo))
            yield token_id(Token.SOUND, sound)
            yield token_id(Token.LENGTH, length)
            yield token_id(Token.SLIDES, min(event.slides, 8) - 1)
            yield token_id(Token.VELOCITY, nearest(VELOCITIES, event.velocity))
            yield token_id(Token.SOUND, tail)
        case _:
            yield token_id(Token.SPINNER, int(event.new_combo))
            yield token_id(Token.LENGTH, length)
            yield token_id(Token.SOUND, sound)


def _admits(writer: DraftWriter, spelled: tuple[int, ...]) -> bool:
    """Whether the grammar takes the whole event: tried on a copy of where the writer stands."""
    trial = DraftWriter(
        mode=writer.mode,
        keys=writer.keys,
        limit=writer.limit,
        beat=writer.beat,
        tick=writer.tick,
        floor=writer.floor,
        choice=writer.choice,
        events=writer.events[-1:],
        releases=list(writer.releases),
    )
    for token in spelled:
        if not trial.admits(token):
            return False
        trial.push(token)
    return True
