"""The importers for keys, panels and frets."""

import struct

import pytest

from beatheritage.dataset.charts import Charts
from beatheritage.dataset.midi import read_midi
from beatheritage.dataset.quaver import read_quaver
from beatheritage.dataset.stepmania import read_stepmania
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Circle, Hold
from beatheritage.osu.mode import Mode, column_of

LEAD = 22
Struck = list[tuple[float, float, int]]


def struck(beatmap: Beatmap) -> Struck:
    """(start, end, column) of every note, in the audio's time."""
    assert beatmap.mode is Mode.MANIA
    keys = int(beatmap.difficulty.circle_size)
    found: Struck = []
    for item in beatmap.objects:
        assert isinstance(item, Circle | Hold)
        end = item.end if isinstance(item, Hold) else item.time
        found.append((item.time + LEAD, end + LEAD, column_of(item.x, keys)))
    return found


def lines(beatmap: Beatmap) -> list[tuple[float, float]]:
    return [(round(one.time + LEAD, 3), round(one.bpm, 3)) for one in beatmap.red_lines]


class TestStepMania:
    def read(self, rows: str, tags: str = "#BPMS:0=120;#STOPS:;", kind: str = "") -> Charts:
        song = f"#TITLE:Song;#ARTIST:Artist;#OFFSET:-1;{tags}\n"
        chart = f"#NOTES:\n {kind or 'dance-single'}:\n me:\n Hard:\n 7:\n 0,0:\n{rows}\n;"
        return read_stepmania((song + chart).encode())

    def test_rows_divide_a_bar(self):
        beatmap = self.read("1000\n0100\n0011\n0000\n,\n0001\n0000").beatmaps[0]
        assert struck(beatmap) == [
            (1000, 1000, 0),
            (1500, 1500, 1),
            (2000, 2000, 2),
            (2000, 2000, 3),
            (3000, 3000, 3),
        ]
        assert lines(beatmap) == [(1000, 120)]
        assert beatmap.metadata.version == "Hard"

    def test_holds_and_rolls_last_and_mines_are_nothing(self):
        beatmap = self.read("2004\n0M00\n3000\n0003").beatmaps[0]
        assert struck(beatmap) == [(1000, 2000, 0), (1000, 2500, 3)]

    def test_a_tempo_change_on_a_bar_and_inside_one(self):
        rows = "1000\n0000\n0000\n0000\n,\n1000\n0000\n1000\n0000\n,\n1000\n0000\n0000\n0000"
        on_bar = self.read(rows, "#BPMS:0=120,4=240;").beatmaps[0]
        assert [time for time, _, _ in struck(on_bar)] == [1000, 3000, 3500, 4000]
        assert lines(on_bar) == [(1000, 120), (3000, 240)]
        inside = self.read(rows, "#BPMS:0=120,6=240;").beatmaps[0]
        assert [time for time, _, _ in struck(inside)] == [1000, 3000, 4000, 4500]
        assert lines(inside) == [(1000, 120), (4000, 240), (4500, 240)]

    def test_a_stop_comes_after_the_notes_and_a_delay_before(self):
        rows = "1000\n1000\n1000\n1000"
        stopped = self.read(rows, "#BPMS:0=120;#STOPS:1=0.3;").beatmaps[0]
        assert [time for time, _, _ in struck(stopped)] == [1000, 1500, 2300, 2800]
        delayed = self.read(rows, "#BPMS:0=120;#DELAYS:1=0.3;").beatmaps[0]
        assert [time for time, _, _ in struck(delayed)] == [1000, 1800, 2300, 2800]

    def test_charts_of_ssc_have_their_own_timing(self):
        text = """#VERSION:0.83;#TITLE:Song;#OFFSET:-1;#BPMS:0=120;
            #NOTEDATA:;#STEPSTYPE:dance-single;#DIFFICULTY:Easy;#NOTES:1000\n0001\n;
            #NOTEDATA:;#STEPSTYPE:dance-single;#DIFFICULTY:Hard;#BPMS:0=240;#NOTES:1000\n0001\n;
            #NOTEDATA:;#STEPSTYPE:pump-single;#DIFFICULTY:Hard;#NOTES:10000\n;"""
        easy, hard = read_stepmania(text.encode()).beatmaps
        assert [time for time, _, _ in struck(easy)] == [1000, 2000]
        assert [time for time, _, _ in struck(hard)] == [1000, 1500]

    @pytest.mark.parametrize(
        ("tags", "reason"),
        [
            ("#BPMS:0=120;#WARPS:4=1;", "warped"),
            ("#BPMS:4=120;", "no tempo at beat 0"),
            ("#BPMS:0=-120;", "-120"),
            ("#BPMS:0=999999;", "999999"),
            ("#BPMS:0=120;#STOPS:1=-1;", "-1000"),
            ("#BPMS:0=fast;", "fast"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, tags: str, reason: str):
        charts = self.read("1000", tags)
        assert not charts.beatmaps
        assert reason in charts.skipped[0].reason
        assert charts.skipped[0].name == "Hard"

    def test_other_pads_are_none(self):
        with pytest.raises(InputError, match="four panels"):
            self.read("10000000", kind="dance-double")


class TestQuaver:
    HEAD = "Mode: Keys4\nTitle: Song\nDifficultyName: Hard\n"
    TIMING = "TimingPoints:\n- Bpm: 120\n- StartTime: 2000\n  Bpm: 180\n  Signature: Triple\n"

    def test_notes_and_lines(self):
        notes = "HitObjects:\n- Lane: 1\n- StartTime: 500\n  Lane: 4\n  EndTime: 900\n"
        beatmap = read_quaver((self.HEAD + self.TIMING + notes).encode()).beatmaps[0]
        assert struck(beatmap) == [(0, 0, 0), (500, 900, 3)]
        assert lines(beatmap) == [(0, 120), (2000, 180)]
        assert [line.meter for line in beatmap.red_lines] == [4, 3]

    @pytest.mark.parametrize(
        "text",
        [
            "Mode: Keys5\n",
            "Mode: [Keys4]\n",
            "[",
            "- 1\n",
            HEAD + "TimingPoints:\n- Bpm: 0\n",
            HEAD + "TimingPoints:\n- Bpm: fast\n",
            HEAD + "HitObjects:\n- StartTime: 1\n",
            HEAD + "HitObjects:\n- StartTime: .inf\n  Lane: 1\n",
        ],
    )
    def test_what_cannot_be_read_says_so(self, text: str):
        with pytest.raises(InputError):
            read_quaver(text.encode())


def midi(*events: tuple[int, bytes], division: int = 480) -> bytes:
    """A file of one track; each event's ticks (under 16,384) count from the one before."""
    body = b""
    for delta, event in events:
        body += bytes([0x80 | delta >> 7, delta & 0x7F]) + event
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, division)
    return head + struct.pack(">4sI", b"MTrk", len(body)) + body


def tempo(bpm: int) -> bytes:
    return b"\xff\x51\x03" + (60_000_000 // bpm).to_bytes(3, "big")


class TestMidi:
    def test_tempo_notes_and_sustains(self):
        data = midi(
            (0, tempo(120)),
            (0, bytes([0x90, 96, 100])),
            (60, bytes([0x80, 96, 0])),  # an eighth of a beat: struck only
            (420, bytes([0x90, 100, 100])),
            (480, bytes([100, 0])),  # running status; loudness 0 lets go
            (960, tempo(240)),
            (480, bytes([0x90, 60, 100])),
            (60, bytes([0x90, 60, 0])),
        )
        easy, hard = read_midi(data).beatmaps
        assert struck(hard) == [(0, 0, 0), (500, 1000, 4)]
        assert struck(easy) == [(2250, 2250, 0)]
        assert lines(hard) == [(0, 120), (2000, 240)]
        assert [one.metadata.version for one in (easy, hard)] == ["Supaeasy", "Amazing"]

    def test_a_meter_of_three(self):
        notes = (bytes([0x90, 96, 100]), bytes([0x80, 96, 0]))
        data = midi((0, b"\xff\x58\x04\x03\x02\x18\x08"), (480, notes[0]), (10, notes[1]))
        assert read_midi(data).beatmaps[0].red_lines[0].meter == 3

    @pytest.mark.parametrize(
        "data", [b"", b"RIFF" + bytes(20), midi(), midi((0, tempo(120))), midi((0, b"\xff"))]
    )
    def test_what_cannot_be_read_says_so(self, data: bytes):
        with pytest.raises(InputError):
            read_midi(data)
