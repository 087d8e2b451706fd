from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.dataset.lines import Mark, red_lines
from beatheritage.dataset.read import READERS, read_charts
from beatheritage.timing.grid import Timing

TJA = "BPM:120\nOFFSET:-1\nCOURSE:Oni\n#START\n1010,\n#MEASURE 3/4\n#BPMCHANGE 99\n5008,\n#END\n"
SM = "#OFFSET:0;#BPMS:0=120,4=60;#STOPS:1=1;#NOTES:dance-single:::::\n1000\n2000\n3000\n,\n1111\n;"
QUA = "Mode: Keys4\nTimingPoints:\n- Bpm: 120\nHitObjects:\n- StartTime: 5\n  Lane: 1\n"
OSU = "osu file format v14\n[TimingPoints]\n0,500,4,1,0,70,1,0\n[HitObjects]\n1,1,500,1,0\n"
MID = "MThd\0\0\0\6\0\0\0\1\0\4MTrk\0\0\0\10\0\x90\x60\x40\4\x80\x60\0"
SAMPLES = {".tja": TJA, ".sm": SM, ".ssc": SM, ".qua": QUA, ".osu": OSU, ".mid": MID}


def test_every_game_is_read():
    assert SAMPLES.keys() == READERS.keys()
    for suffix, text in SAMPLES.items():
        charts = read_charts(f"song{suffix.upper()}", text.encode("latin-1"))
        assert len(charts.beatmaps) == 1, charts.skipped
        assert not charts.skipped


def test_an_unknown_format_is_named():
    assert read_charts("song.bms", b"").skipped[0].reason == "no chart format that is known"


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.integers(0, 200),
    st.integers(0, 8),
    st.sampled_from(["", "0", "-", "nan", "inf", "1e309", "#", ":", ",", "\0", "\xff", "[", "=9"]),
)
def test_no_damage_raises(suffix: str, at: int, cut: int, put: str):
    text = SAMPLES[suffix]
    at %= len(text)
    damaged = text[:at] + put + text[at + cut :]
    charts = read_charts(f"song{suffix}", damaged.encode("latin-1"))
    assert charts.beatmaps or charts.skipped or suffix in (".sm", ".ssc")
    assert all(skipped.reason for skipped in charts.skipped)


@settings(deadline=None)
@given(
    st.integers(-500, 500),
    st.lists(
        st.tuples(st.sampled_from([3, 4, 5]), st.sampled_from([300.0, 400.5, 617.3])), min_size=1
    ),
)
def test_red_lines_put_every_bar_where_it_was(start: int, bars: list[tuple[int, float]]):
    marks, time = [], float(start)
    for meter, beat_length in bars:
        marks.append(Mark(time, beat_length, meter, True))
        time += meter * beat_length
    lines = red_lines(marks)
    assert len(lines) == 1 + sum(one != other for one, other in pairwise(bars))
    timing = Timing(lines=lines)
    for mark in marks:
        beat = round(float(timing.beat(mark.time)))
        assert abs(float(timing.time(beat)) - mark.time) < 1e-3
        assert timing.bar_phase(beat) == 0
