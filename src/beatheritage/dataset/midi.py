"""The notes.mid of Frets on Fire, as osu! mania with five keys.

A standard MIDI file: tempo and meter as meta events on any track, and four difficulties of guitar
notes, each on five pitches. Time 0 of the file is time 0 of the audio.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from beatheritage.dataset.charts import Charts
from beatheritage.dataset.lines import Mark, red_lines
from beatheritage.dataset.mania import Note, mania_beatmap
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Metadata
from beatheritage.timing.lead import MAP_LEAD_MS

LOWEST_PITCH = {"Supaeasy": 60, "Easy": 72, "Medium": 84, "Amazing": 96}
FRETS = 5
SHORTEST_SUSTAIN_BEATS = 0.5  # every note has a length in the file; short ones are struck only
TEMPO, METER = 0x51, 0x58  # meta events
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


class Message(NamedTuple):
    """``kind`` is a status without channel, or a meta event's number; ``tick`` is absolute."""

    tick: int
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoMap:
    """Tempo from each tick on: milliseconds there, and milliseconds a beat."""

    ticks_per_beat: int
    ticks: tuple[int, ...]
    times: tuple[float, ...]
    beat_lengths: tuple[float, ...]

    def beat_length(self, tick: int) -> float:
        return self.beat_lengths[bisect_right(self.ticks, tick) - 1]

    def time(self, tick: int) -> float:
        at = bisect_right(self.ticks, tick) - 1
        beats = (tick - self.ticks[at]) / self.ticks_per_beat
        return self.times[at] + beats * self.beat_lengths[at]


def read_midi(data: bytes) -> Charts:
    """Every difficulty that has notes."""
    try:
        division, messages = _messages(data)
    except (struct.error, IndexError, KeyError) as error:
        raise InputError("no MIDI file that can be read") from error
    if not messages:
        raise InputError("no tracks")
    tempos = _tempo_map(division, messages)
    lines = red_lines(_marks(tempos, messages))
    beatmaps = []
    for name, lowest in LOWEST_PITCH.items():
        notes = list(_notes(messages, lowest, tempos))
        if notes:
            beatmaps.append(mania_beatmap(notes, FRETS, lines, Metadata(version=name)))
    if not beatmaps:
        raise InputError("no guitar notes")
    return Charts(beatmaps=tuple(beatmaps))


def _messages(data: bytes) -> tuple[int, list[Message]]:
    """Ticks a beat, and the messages of all tracks in order."""
    magic, length, _, tracks, division = struct.unpack_from(">4sIHHH", data)
    if magic != b"MThd" or division & 0x8000 or division == 0:
        raise InputError("no MIDI file with ticks in beats")
    messages: list[Message] = []
    at = 8 + length
    for _ in range(tracks):
        magic, length = struct.unpack_from(">4sI", data, at)
        if magic == b"MTrk":
            messages += _track(data[at + 8 : at + 8 + length])
        at += 8 + length
    return division, sorted(messages, key=lambda message: message.tick)


def _track(data: bytes) -> Iterator[Message]:
    at, tick, status = 0, 0, 0
    while at < len(data):
        delta, at = _number(data, at)
        tick += delta
        if data[at] & 0x80:  # else the last status runs on
            status, at = data[at], at + 1
        if status == 0xFF:
            kind = data[at] & 0x7F  # no meta event may pass for a note
            size, at = _number(data, at + 1)
        elif status in (0xF0, 0xF7):
            kind = status
            size, at = _number(data, at)
        else:
            kind = status & 0xF0
            size = DATA_BYTES[kind]
        yield Message(tick, kind, data[at : at + size])
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = 0
    while data[at] & 0x80:
        value = value << 7 | data[at] & 0x7F
        at += 1
    return value << 7 | data[at], at + 1


def _tempo_map(division: int, messages: list[Message]) -> TempoMap:
    ticks, times, lengths = [0], [0.0], [500.0]  # 120 BPM until told
    for message in messages:
        if message.kind != TEMPO or len(message.data) != 3:
            continue
        time = times[-1] + (message.tick - ticks[-1]) / division * lengths[-1]
        if message.tick == ticks[-1]:
            del ticks[-1], times[-1], lengths[-1]
        ticks.append(message.tick)
        times.append(time)
        lengths.append(int.from_bytes(message.data, "big") / 1000)
    return TempoMap(
        ticks_per_beat=division, ticks=tuple(ticks), times=tuple(times), beat_lengths=tuple(lengths)
    )


def _marks(tempos: TempoMap, messages: list[Message]) -> list[Mark]:
    """Every bar of the file, and tempo changes inside bars."""
    meters = {
        message.tick: message.data[0]
        for message in messages
        if message.kind == METER and message.data
    }
    last = max(message.tick for message in messages)
    places: dict[int, tuple[int, bool]] = {}
    tick, meter = 0, 4
    while tick <= last:
        meter = meters.get(tick, meter) or 4
        places[tick] = (meter, True)
        tick += meter * tempos.ticks_per_beat
    for change in tempos.ticks:
        places.setdefault(change, (meter, False))
    return [
        Mark(tempos.time(tick) - MAP_LEAD_MS, tempos.beat_length(tick), *place)
        for tick, place in sorted(places.items())
    ]


def _notes(messages: list[Message], lowest: int, tempos: TempoMap) -> Iterator[Note]:
    held: dict[int, int] = {}
    for message in messages:
        if message.kind not in (0x80, 0x90):
            continue
        if len(message.data) < 2:
            continue  # cut off
        pitch, loudness = message.data
        fret = pitch - lowest
        if not 0 <= fret < FRETS:
            continue
        if message.kind == 0x90 and loudness:
            held[fret] = message.tick
        elif fret in held:
            start = held.pop(fret)
            sustained = message.tick - start >= SHORTEST_SUSTAIN_BEATS * tempos.ticks_per_beat
            end = message.tick if sustained else start
            yield Note(tempos.time(start) - MAP_LEAD_MS, tempos.time(end) - MAP_LEAD_MS, fret)
