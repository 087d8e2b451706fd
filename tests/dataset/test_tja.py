import pytest

from beatheritage.dataset.charts import Charts
from beatheritage.dataset.tja import one_branch, read_tja
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Circle, GreenLine, HitSound, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace

# 120 BPM: a beat is 500 ms, a bar 2,000; notes stand 22 ms before the audio's 1,000 ms.
HEAD = "TITLE:Song\nSUBTITLE:--Artist\nBPM:120\nOFFSET:-1\n"
FIRST = 978


def read(course: str, head: str = HEAD) -> Charts:
    return read_tja(f"{head}COURSE:Oni\n#START\n{course}\n#END\n".encode())


def chart(course: str, head: str = HEAD) -> Beatmap:
    charts = read(course, head)
    assert not charts.skipped
    return charts.beatmaps[0]


def times(course: str) -> list[float]:
    return [item.time - FIRST for item in chart(course).objects]


def lines(course: str) -> list[tuple[float, float, int]]:
    red = chart(course).red_lines
    return [(round(one.time - FIRST, 3), round(one.bpm, 3), one.meter) for one in red]


def test_header():
    beatmap = chart("1,")
    assert beatmap.mode is Mode.TAIKO
    assert beatmap.metadata.artist == "Artist"
    assert beatmap.metadata.version == "Oni"
    assert beatmap.difficulty.overall_difficulty == 5.5


def test_digits_divide_a_bar_and_a_late_song_starts_late():
    assert times("1010,\n22222222,") == [0, 1000, *range(2000, 4000, 250)]
    assert lines("1010,\n22222222,") == [(0, 120, 4)]


def test_an_empty_bar_still_takes_its_time():
    assert times(",\n0,\n1,") == [4000]


@pytest.mark.parametrize(
    ("digit", "sound"),
    [
        ("1", HitSound.NONE),
        ("2", HitSound.CLAP),
        ("3", HitSound.FINISH),
        ("4", HitSound.CLAP | HitSound.FINISH),
        ("A", HitSound.FINISH),
        ("B", HitSound.CLAP | HitSound.FINISH),
    ],
)
def test_notes(digit: str, sound: HitSound):
    note = chart(f"{digit},").objects[0]
    assert isinstance(note, Circle)
    assert note.sound == sound


def test_rolls_and_balloons_end_at_the_eight():
    beatmap = chart("5008,\n6080,\n70080000,\n9000,\n9008,")
    roll, big, balloon, kusudama = beatmap.objects
    ends = [Pace(beatmap).end(item) - FIRST for item in beatmap.objects]
    assert isinstance(roll, Slider)
    assert isinstance(big, Slider)
    assert big.sound == HitSound.FINISH
    assert isinstance(balloon, Spinner)
    assert isinstance(kusudama, Spinner)  # its second nine is no second one
    assert ends == pytest.approx([1500, 3000, 4750, 9500])


def test_a_tempo_change_inside_a_bar():
    course = "10\n#BPMCHANGE 240\n10,\n1,"
    assert times(course) == [0, 1000, 1500]
    assert lines(course) == [(0, 120, 4), (1000, 240, 4), (1500, 240, 4)]


def test_a_tempo_that_stays_needs_no_line():
    assert lines("10\n#BPMCHANGE 120\n10,\n1,") == [(0, 120, 4)]


def test_bars_of_three_and_of_three_and_a_half():
    assert lines("#MEASURE 3/4\n111,\n111,") == [(0, 120, 3)]
    seven = "#MEASURE 7/8\n1111111,\n1111111,\n#MEASURE 4/4\n1111,"
    assert times(seven) == [*range(0, 3500, 250), *range(3500, 5500, 500)]
    assert lines(seven) == [(0, 120, 4), (1750, 120, 4), (3500, 120, 4)]


def test_bars_shorter_than_a_beat_are_looks():
    course = "1111,\n#MEASURE 1/16\n1,\n1,\n1,\n1,\n#MEASURE 3/4\n111,\n#MEASURE 4/4\n1,"
    assert times(course)[4:8] == [2000, 2125, 2250, 2375]
    assert lines(course) == [(0, 120, 4), (2500, 120, 3), (4000, 120, 4)]


def test_a_delay_moves_what_follows():
    assert times("1,\n#DELAY 0.1\n1,") == [0, 2100]
    assert lines("1,\n#DELAY 0.1\n1,") == [(0, 120, 4), (2100, 120, 4)]


def test_go_go_time_is_kiai():
    greens = [
        (point.time - FIRST, point.kiai)
        for point in chart("#GOGOSTART\n1,\n11\n#GOGOEND\n11,").timing_points
        if isinstance(point, GreenLine)
    ]
    assert greens == [(0, True), (3000, False)]


def test_the_master_branch_is_taken():
    course = ["1,", "#BRANCHSTART p,1,2", "#N", "1,", "#E", "2,", "#M", "3,", "#BRANCHEND", "4,"]
    assert one_branch(course) == ["1,", "3,", "4,"]
    assert one_branch([line for line in course if line not in ("#M", "3,")]) == ["1,", "2,", "4,"]
    assert one_branch(course[:8] + course[1:8]) == ["1,", "3,", "3,"]  # no end in between


def test_comments_and_scrolling_are_passed_over():
    assert times("#SCROLL 2\n10 // 11\n10,\n#LYRIC 1,2") == [0, 1000]


def test_every_course_is_read():
    data = HEAD + "COURSE:0\nLEVEL:1\n#START\n1,\n#END\nCOURSE:Edit\n#START P1\n2,\n#END\n"
    versions = [one.metadata.version for one in read_tja(data.encode()).beatmaps]
    assert versions == ["Easy", "Edit"]


@pytest.mark.parametrize(
    ("course", "reason"),
    [
        ("COURSE:Dan\n#START\n1,\n#END", "which is not one song's"),
        ("COURSE:Oni\n#START P2\n1,\n#END", "second player"),
        ("COURSE:Oni\n#START\n#BPMCHANGE 0\n1,\n#END", "a tempo of 0 BPM"),
        ("COURSE:Oni\n#START\n#BPMCHANGE much\n1,\n#END", "much"),
        ("COURSE:Oni\n#START\n#MEASURE 0/4\n1,\n#END", "a bar of 0/4"),
        ("COURSE:Oni\n#START\n#MEASURE 4/0\n1,\n#END", "a bar of 4/0"),
    ],
)
def test_what_cannot_be_used_is_named(course: str, reason: str):
    charts = read_tja((HEAD + course + "\nCOURSE:Easy\n#START\n1,\n#END\n").encode())
    assert [one.metadata.version for one in charts.beatmaps] == ["Easy"]
    assert len(charts.skipped) == 1
    assert reason in charts.skipped[0].reason


def test_japanese_encodings():
    text = HEAD.replace("Song", "曲") + "COURSE:Oni\n#START\n1,\n#END\n"
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        assert read_tja(text.encode(encoding)).beatmaps[0].metadata.title == "曲"


def test_no_course_at_all():
    with pytest.raises(InputError, match="no course"):
        read_tja(b"TITLE:Song\n")
