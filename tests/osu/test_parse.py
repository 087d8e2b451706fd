import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import (
    Break,
    Circle,
    Colour,
    CurveKind,
    EdgeSound,
    GreenLine,
    HitSound,
    Hold,
    Point,
    RedLine,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse, raw_sections, read


def osu_text(section="", *lines, version=14, mode=0):
    """A file with a mode and one more section; its first line is number 6."""
    head = [f"osu file format v{version}", "", "[General]", f"Mode: {mode}"]
    return "\n".join([*head, f"[{section}]", *lines] if section else head)


def objects_of(*lines, **options):
    return parse(osu_text("HitObjects", *lines, **options)).beatmap.objects


def timing_of(*lines, **options):
    return parse(osu_text("TimingPoints", *lines, **options)).beatmap.timing_points


def is_read(line):
    return len(objects_of(line)) == 1


class TestBytes:
    TEXT = "osu file format v14\r\n\r\n[Metadata]\r\nTitleUnicode:かな漢字\r\n"

    @pytest.mark.parametrize(
        "data",
        [
            TEXT.encode(),
            codecs.BOM_UTF8 + TEXT.encode(),
            TEXT.encode("utf-16"),
            codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
            TEXT.encode("cp932"),
            TEXT.replace("\r\n", "\n").encode(),
            TEXT.replace("\r\n", "\r").encode(),
            "\ufeff" + TEXT,
        ],
        ids=["utf8", "bom", "utf16", "utf16be", "shiftjis", "lf", "cr", "text"],
    )
    def test_encodings_and_line_ends(self, data):
        parsed = parse(data)
        assert parsed.beatmap.metadata.title_unicode == "かな漢字"
        assert parsed.warnings == ()

    def test_latin_letters_do_not_become_kanji(self):
        data = "osu file format v14\n[Metadata]\nTitle:éa déjà vu".encode("latin-1")
        assert parse(data).beatmap.metadata.title == "éa déjà vu"

    def test_other_line_ends_belong_to_the_text(self):
        text = "osu file format v14\n[Metadata]\nTitle:a\u2028b\x0bc"
        assert parse(text).beatmap.metadata.title == "a\u2028b\x0bc"

    @given(st.binary())
    def test_no_bytes_raise(self, data):
        parse(data)

    @given(st.lists(st.text("0123456789,|:.-BLPCnaeE+/[]$ ", max_size=40), max_size=5))
    def test_no_lines_raise(self, lines):
        for section in ("HitObjects", "TimingPoints", "Events", "Colours", "Difficulty", "General"):
            parse(osu_text(section, *lines))

    def test_a_file_that_is_no_osu_is_refused(self, tmp_path):
        (tmp_path / "song.osu").write_bytes(b"ID3\x03\x00 what an mp3 begins with")
        with pytest.raises(InputError, match=r"song.osu: is no .osu file"):
            read(tmp_path / "song.osu")

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="No such file"):
            read(tmp_path / "none.osu")


class TestVersions:
    @pytest.mark.parametrize(("version", "late"), [(3, 24), (4, 24), (5, 0), (14, 0), (128, 0)])
    def test_the_first_versions_stand_early(self, version, late):
        text = osu_text("HitObjects", "1,2,100,1,0", "1,2,200,12,0,300", version=version)
        text += "\n[TimingPoints]\n50,500\n[Events]\n2,400,500\n[General]\nPreviewTime: 60"
        beatmap = parse(text).beatmap
        assert [item.time for item in beatmap.objects] == [100 + late, 200 + late]
        assert beatmap.objects[1].end == 300 + late
        assert beatmap.timing_points[0].time == 50 + late
        assert beatmap.events.breaks == (Break(400 + late, 500 + late),)
        assert beatmap.general.preview_time == 60 + late

    def test_no_preview_stays_none(self):
        assert (
            parse("osu file format v3\n[General]\nPreviewTime: -1").beatmap.general.preview_time
            == -1
        )

    def test_a_missing_header_is_told(self):
        parsed = parse("[HitObjects]\n1,2,3,1,0")
        assert parsed.beatmap.format_version == 14
        assert len(parsed.beatmap.objects) == 1
        assert parsed.warnings == ("line 1: no format version, read as version 14",)

    @pytest.mark.parametrize(("version", "x"), [(14, 10), (127, 10), (128, 10.75)])
    def test_fractions_of_pixels_are_lazers(self, version, x):
        assert objects_of("10.75,2,3,1,0", version=version)[0].x == x


class TestSettings:
    def test_defaults(self):
        beatmap = parse("osu file format v14").beatmap
        assert beatmap.mode is Mode.STD
        assert beatmap.difficulty.approach_rate == 5
        assert beatmap.difficulty.slider_multiplier == 1.4
        assert beatmap.general.stack_leniency == 0.7
        assert beatmap.events.breaks == ()

    def test_approach_rate_follows_overall_difficulty(self):
        assert (
            parse(osu_text("Difficulty", "OverallDifficulty:8")).beatmap.difficulty.approach_rate
            == 8
        )
        text = osu_text("Difficulty", "ApproachRate:9", "OverallDifficulty:8")
        assert parse(text).beatmap.difficulty.approach_rate == 9

    @pytest.mark.parametrize(
        ("line", "mode", "name", "value"),
        [
            ("CircleSize:11", 0, "circle_size", 10),
            ("CircleSize:-1", 0, "circle_size", 0),
            ("CircleSize:18", 3, "circle_size", 18),
            ("CircleSize:19", 3, "circle_size", 18),
            ("CircleSize:0", 3, "circle_size", 1),
            ("HPDrainRate:10.01", 0, "hp_drain", 10),
            ("SliderMultiplier:0.39", 0, "slider_multiplier", 0.4),
            ("SliderMultiplier:3.6", 0, "slider_multiplier", 3.6),
            ("SliderMultiplier:3.7", 0, "slider_multiplier", 3.6),
            ("SliderTickRate:0.4", 0, "slider_tick_rate", 0.5),
            ("SliderTickRate:9", 0, "slider_tick_rate", 8),
        ],
    )
    def test_numbers_are_brought_into_range(self, line, mode, name, value):
        difficulty = parse(osu_text("Difficulty", line, mode=mode)).beatmap.difficulty
        assert getattr(difficulty, name) == value

    def test_broken_values_keep_the_default_and_are_told(self):
        parsed = parse(osu_text("Difficulty", "HPDrainRate:7", "ApproachRate:NaN", "CircleSize"))
        assert parsed.beatmap.difficulty.hp_drain == 7
        assert parsed.beatmap.difficulty.approach_rate == 5
        assert [text.partition(":")[0] for text in parsed.warnings] == ["line 7", "line 8"]

    def test_metadata_keeps_its_slashes_and_colons(self):
        metadata = parse(osu_text("Metadata", "Title: a: b // c ", "Tags:x  y")).beatmap.metadata
        assert metadata.title == "a: b // c"
        assert metadata.tags == ("x", "y")

    def test_unknown_keys_are_kept(self):
        assert parse(osu_text("Editor", "Colour:blue")).beatmap.editor.other == (
            ("Colour", "blue"),
        )

    def test_unknown_sections_are_told(self):
        assert parse(osu_text("Fonts", "a: b")).warnings == (
            "line 5: section [Fonts] is unknown and was left out",
        )

    def test_colours(self):
        parsed = parse(
            osu_text("Colours", "Combo1 : 1,2,3", "Combo2: 1,2,256", "SliderBorder: 4,5,6")
        )
        assert parsed.beatmap.combo_colours == (Colour(1, 2, 3),)
        assert parsed.beatmap.other_colours == (("SliderBorder", "4,5,6"),)
        assert parsed.warnings[0].startswith("line 7: ")


class TestEvents:
    def events(self, *lines):
        return parse(osu_text("Events", *lines)).beatmap.events

    @pytest.mark.parametrize(
        ("line", "background"),
        [
            ('0,0,"bg.jpg",0,0', "bg.jpg"),
            ("0,0,bg.jpg", "bg.jpg"),
            ('Background,0,"a, b.jpg"', "a, b.jpg"),
            ('0,0,"sb\\bg.jpg"', "sb/bg.jpg"),
            ('Video,0,"bg.JPG"', "bg.JPG"),
        ],
    )
    def test_background(self, line, background):
        assert self.events(line).background == background

    def test_video(self):
        events = self.events('1,-120,"clip.AVI"')
        assert (events.video, events.video_offset, events.background) == ("clip.AVI", -120, "")

    def test_a_break_cannot_end_before_it_starts(self):
        assert self.events("Break,200,100").breaks == (Break(200, 200),)

    def test_the_storyboard_is_kept_with_its_indent(self):
        lines = ('Sprite,Foreground,Centre,"a.png",320,240', " F,0,1,2,0,1", "__M,0,1,2,3")
        assert self.events("//Storyboard", *lines).storyboard == lines

    def test_variables_are_put_in(self):
        text = "osu file format v14\n[Variables]\n$a=Centre\n[Events]\nSprite,Pass,$a,x.png,0,0"
        assert parse(text).beatmap.events.storyboard == ("Sprite,Pass,Centre,x.png,0,0",)

    def test_unknown_events_are_told(self):
        assert "line 6: event left out" in parse(osu_text("Events", "Boom,1,2")).warnings[0]


class TestTimingPoints:
    def test_red_and_green(self):
        red, green = timing_of("0,300.5,3,2,1,60,1,9", "10,-133.333333333333,4,1,0,50,0,1")
        assert red == RedLine(
            time=0, beat_length=300.5, meter=3, sample_set=2, sample_index=1, volume=60,
            kiai=True, omit_barline=True,
        )  # fmt: skip
        assert green == GreenLine(time=10, velocity=0.75, volume=50, kiai=True)

    def test_short_lines_are_red_with_defaults(self):
        text = "osu file format v3\n[General]\nSampleSet: Soft\nSampleVolume: 40\n"
        text += "[TimingPoints]\n0,500"
        assert parse(text).beatmap.timing_points == (
            RedLine(time=24, beat_length=500, sample_set=2, volume=40),
        )

    @pytest.mark.parametrize(
        ("beat_length", "kept"),
        [("5.9", 6), ("6", 6), ("60000", 60000), ("60001", 60000), ("0", 6)],
    )
    def test_beats_are_brought_into_range(self, beat_length, kept):
        assert timing_of(f"0,{beat_length}")[0].beat_length == kept

    @pytest.mark.parametrize(
        ("beat_length", "mode", "velocity"),
        [
            ("-1000", 0, 0.1),
            ("-1001", 0, 0.1),
            ("-1001", 3, 0.0999000999001),
            ("-10000", 1, 0.01),
            ("-10001", 1, 0.01),
            ("-10", 0, 10),
            ("-9", 0, 10),
            ("500", 0, 1),
            ("NaN", 0, 1),
        ],
    )
    def test_velocities_are_brought_into_range(self, beat_length, mode, velocity):
        (green,) = timing_of(f"0,{beat_length},4,1,0,50,0,0", mode=mode)
        assert green.velocity == velocity

    @pytest.mark.parametrize(
        "line", ["0,NaN,4,1,0,50,1,0", "0", "x,500", "0,500,-1", "0,1e99", "NaN,500"]
    )
    def test_broken_lines_are_told(self, line):
        parsed = parse(osu_text("TimingPoints", "0,500", line))
        assert len(parsed.beatmap.timing_points) == 1
        assert parsed.warnings[0].startswith("line 7: timing point left out")

    def test_a_negative_red_line_also_sets_a_velocity(self):
        red, green = timing_of("0,-50,4,1,0,50,1,0")
        assert (red.beat_length, green.velocity) == (6, 2)

    def test_meter_0_is_4(self):
        assert timing_of("0,500,0")[0].meter == 4

    def test_the_green_line_holds_over_the_red_at_its_time(self):
        assert [type(point) for point in timing_of("5,-50,4,1,0,50,0,0", "5,500", "0,500")] == [
            RedLine, RedLine, GreenLine,
        ]  # fmt: skip


class TestObjects:
    def test_circle(self):
        assert objects_of("256,192,1500,53,10,1:2:3:40:hit.wav") == (
            Circle(
                time=1500, x=256, y=192, new_combo=True, combo_skip=3,
                sound=HitSound.WHISTLE | HitSound.CLAP, sample=Sample(1, 2, 3, 40, "hit.wav"),
            ),
        )  # fmt: skip

    def test_colours_are_skipped_at_new_combos_only(self):
        assert objects_of("0,0,0,49,0")[0].combo_skip == 0

    def test_slider(self):
        (slider,) = objects_of("1,2,3,2,8,B|10:20|30:40,2,70.5,2|0|4,0:0|1:2|3:0,2:1:0:0:")
        assert slider == Slider(
            time=3, x=1, y=2, kind=CurveKind.BEZIER, points=(Point(10, 20), Point(30, 40)),
            slides=2, length=70.5, sound=HitSound.CLAP,
            edges=(
                EdgeSound(HitSound.WHISTLE),
                EdgeSound(HitSound.NONE, 1, 2),
                EdgeSound(HitSound.FINISH, 3),
            ),
            sample=Sample(2, 1),
        )  # fmt: skip

    def test_edges_that_are_not_named_sound_like_the_slider(self):
        (slider,) = objects_of("1,2,3,2,8,L|9:2,2,70,2,0:0|1:2,2:1:0:0:")
        assert slider.edges == (EdgeSound(HitSound.WHISTLE), EdgeSound(HitSound.CLAP, 1, 2))

    @pytest.mark.parametrize("tail", ["", ",", ",0", ",-5"])
    def test_a_slider_without_length_is_as_long_as_its_curve(self, tail):
        assert objects_of(f"0,0,0,2,0,L|3:4,1{tail}")[0].length == 5

    def test_a_curve_of_several_kinds_becomes_one(self):
        (slider,) = objects_of("0,0,0,2,0,L|10:0|B|20:0|20:10|30:10,1,30")
        assert slider.kind is CurveKind.BEZIER
        assert slider.points == tuple(
            Point(*place) for place in [(10, 0), (10, 0), (20, 0), (20, 0), (20, 10), (30, 10)]
        )

    def test_spinner_and_hold(self):
        spinner, hold = objects_of("256,192,100,12,0,900,0:0:0:0:", "64,192,200,128,4,800:1:0:0:0:")
        assert spinner == Spinner(time=100, end=900, new_combo=True)
        assert hold == Hold(time=200, end=800, x=64, sound=HitSound.FINISH, sample=Sample(1))

    @pytest.mark.parametrize("line", ["0,0,100,8,0,50", "0,0,100,128,0,50:0:0", "0,0,100,128,0"])
    def test_nothing_ends_before_it_starts(self, line):
        assert objects_of(line)[0].end == 100

    def test_a_circle_wins_over_other_types(self):
        assert isinstance(objects_of("0,0,0,11,0")[0], Circle)

    @pytest.mark.parametrize(
        ("line", "kept"),
        [
            ("0,0,2147483647,1,0", True),
            ("0,0,2147483648,1,0", False),
            ("0,0,NaN,1,0", False),
            ("0,0,1e3,1,0", True),
            ("0,0,1_0,1,0", False),
            ("131072,-131072,0,1,0", True),
            ("131073,0,0,1,0", False),
            ("0,0,0,1", False),
            ("0,0,0,16,0", False),
            ("0,0,0,1.5,0", False),
            ("0,0,0,1,x", False),
            ("0,0,0,2,0,L|1:1,9000,1", True),
            ("0,0,0,2,0,L|1:1,9001,1", False),
            ("0,0,0,2,0,L|1:1", False),
            ("0,0,0,2,0,L|1,1,1", False),
            ("0,0,0,2,0,L|1:1,1,131072", True),
            ("0,0,0,2,0,L|1:1,1,131073", False),
            ("0,0,0,2,0,L,1,5", True),
            ("0,0,0,8,0", False),
        ],
    )
    def test_limits(self, line, kept):
        assert is_read(line) == kept

    def test_broken_lines_are_told_by_number(self):
        parsed = parse(osu_text("HitObjects", "1,2,3,1,0", "", "garbage", "1,2,4,1,0"))
        assert len(parsed.beatmap.objects) == 2
        assert parsed.warnings == (
            "line 8: hit object left out: a hit object has at least five fields",
        )

    def test_objects_are_sorted_and_keep_their_order_within_a_time(self):
        items = objects_of("3,0,50,1,0", "1,0,9,1,0", "2,0,9,1,0")
        assert [item.x for item in items] == [1, 2, 3]

    def test_comments_are_cut(self):
        assert len(objects_of("//1,2,3,1,0", "1,2,3,1,0 // a comment", " 1,2,3,1,0")) == 1


def test_lines_as_they_stand():
    text = "osu file format v14\r\n[Difficulty]\r\nHPDrainRate:12.345 // a remark\r\n\r\n[No]\r\n1"
    assert raw_sections(text.encode()) == {"Difficulty": ("HPDrainRate:12.345",)}
    assert raw_sections(b"") == {}
