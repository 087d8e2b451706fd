"""A request becomes a plan, or is refused."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from beatheritage.audio.song import Tags
from beatheritage.errors import InputError, OptionError
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.quality.style import AskedStyle
from beatheritage.generate.request import AskedMetadata, Context, Request, Sampling, Settings
from beatheritage.osu.beatmap import Beatmap, Circle, Difficulty, General, Metadata, RedLine
from beatheritage.osu.level import Level, level_name, level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars
from beatheritage.osu.write import save
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.prompt import Style, measure_style

ASKED = Request(audio=Path("music/Some One - A Song.mp3"))


def test_a_plan_knows_every_value():
    plan = make_plan(ASKED)
    assert (plan.artist, plan.title, plan.version) == ("Some One", "A Song", "Insane")
    assert (plan.keys, plan.seed, plan.creator) == (4, 0, "BeatHeritage")
    assert plan.within is None
    unknown = [name for name in Plan.__dataclass_fields__ if getattr(plan, name) is None]
    song = ["bpm", "offset", "within", "curve", "reference", "timing", "kiai", "above"]
    assert unknown == [*song, "start", "end", "mapper", "year", "weights"]


def test_what_is_said_wins_over_tags_and_tags_over_the_file_name():
    tags = Tags(title="Tagged", artist="Tagger")
    assert make_plan(ASKED, tags).title == "Tagged"
    assert make_plan(replace(ASKED, title="Said"), tags).title == "Said"
    assert make_plan(replace(ASKED, artist="Sayer"), tags).artist == "Sayer"


@pytest.mark.parametrize(
    ("name", "artist", "title"),
    [
        ("x.mp3", "Unknown Artist", "x"),
        ("a - b - c.ogg", "a", "b - c"),
        ("a -.ogg", "Unknown Artist", "a -"),
    ],
)
def test_a_file_name_gives_artist_and_title(name, artist, title):
    plan = make_plan(Request(audio=Path(name)))
    assert (plan.artist, plan.title) == (artist, title)


@pytest.mark.parametrize("stars", [0.5, 10.0])
def test_stars_at_their_ends(stars):
    assert make_plan(replace(ASKED, stars=stars)).stars == stars


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audio": None}, "no audio"),
        ({"stars": 0.49}, "stars must be from 0.5 to 10, not 0.49"),
        ({"stars": 10.01}, "stars must be"),
        ({"seed": -1}, "seed must be"),
        ({"mode": Mode.MANIA, "keys": 3}, "keys must be from 4 to 10, not 3"),
        ({"mode": Mode.MANIA, "keys": 11}, "keys must be"),
        ({"keys": 4}, "keys is for mania alone"),
        ({"bpm": 0.0}, "bpm must be"),
        ({"start": 10.0}, "need a map"),
        ({"takes": 2}, "need a map"),
        ({"within": Path("a.osu"), "start": 1.0}, "needs both"),
        ({"within": Path("a.osu"), "start": 5.0, "end": 5.0}, "end must come after"),
        ({"within": Path("a.osu"), "start": 0.0, "end": 5.0, "takes": 0}, "takes must be"),
        ({"settings": Settings(approach_rate=10.1)}, "settings.approach_rate must be"),
        ({"settings": Settings(slider_multiplier=0.3)}, "settings.slider_multiplier must be"),
        ({"settings": Settings(slider_tick_rate=0.4)}, "settings.slider_tick_rate must be"),
        ({"settings": Settings(slider_tick_rate=8.1)}, "settings.slider_tick_rate must be"),
        ({"settings": Settings(circle_size=4), "mode": Mode.MANIA}, "key count"),
        ({"style": Style(density=1.1)}, "style.density must be"),
        ({"style": Style(hold_share=0.1)}, "style.hold_share means nothing in std"),
        ({"mode": Mode.MANIA, "style": Style(slider_share=0.1)}, "slider_share means nothing"),
        ({"mode": Mode.MANIA, "style": Style(hitsounding=0.1)}, "hitsounding means nothing"),
        ({"mode": Mode.TAIKO, "style": Style(spacing=0.1)}, "spacing means nothing in taiko"),
        ({"sampling": Sampling(temperature=2.1)}, "sampling.temperature must be"),
        ({"sampling": Sampling(top_p=0)}, "sampling.top_p must be"),
        ({"sampling": Sampling(top_k=-1)}, "sampling.top_k must be"),
        ({"sampling": Sampling(repetition_penalty=0.9)}, "sampling.repetition_penalty must be"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, message):
    with pytest.raises(OptionError, match=message):
        make_plan(replace(ASKED, **changes))


def old_map(folder: Path, **changes) -> tuple[Path, Beatmap]:
    circles = tuple(
        Circle(time=1000 + 150.0 * index, x=index % 2 * 400, y=192) for index in range(99)
    )
    old = Beatmap(
        metadata=Metadata(version="Muzukashii"),
        difficulty=Difficulty(approach_rate=8.3, circle_size=4.2),
        timing_points=(RedLine(time=1000, beat_length=300),),
        objects=circles,
    )
    old = replace(old, **changes)
    file = folder / "old.osu"
    save(file, old)
    return file, old


def test_a_range_is_kept_with_all_of_its_file(tmp_path):
    file, _ = old_map(tmp_path)
    within = make_plan(replace(ASKED, within=file, start=1.0, end=2.0, takes=3)).within
    assert within is not None
    assert (within.file, within.start, within.end, within.takes) == (file, 1, 2, 3)
    assert within.content == file.read_bytes()
    assert within.beatmap == parse(file.read_bytes()).beatmap


def test_a_range_is_as_its_map(tmp_path):
    file, old = old_map(tmp_path)
    asked = replace(ASKED, within=file, start=2000.0, end=3000.0)
    plan = make_plan(asked)
    assert plan.stars == pytest.approx(stars(old))
    assert make_plan(replace(asked, stars=3.0)).stars == 3
    assert make_plan(ASKED).stars == 4.5
    assert (plan.mode, plan.version) == (Mode.STD, "Muzukashii")
    assert (plan.settings.approach_rate, plan.settings.circle_size) == (8.3, 4.2)
    assert plan.timing is not None
    assert plan.timing.lines == old.red_lines


@pytest.mark.parametrize("keys", [4, 7, 10])
def test_a_range_of_mania_has_the_keys_of_its_map(tmp_path, keys):
    difficulty = Difficulty(circle_size=keys)
    file, _ = old_map(tmp_path, general=General(mode=Mode.MANIA), difficulty=difficulty)
    plan = make_plan(replace(ASKED, within=file, start=2000.0, end=3000.0))
    assert (plan.mode, plan.keys, plan.settings.circle_size) == (Mode.MANIA, keys, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"general": General(mode=Mode.MANIA), "difficulty": Difficulty(circle_size=3)}, "3 keys"),
        ({"timing_points": ()}, "no timing"),
    ],
)
def test_a_map_that_cannot_be_written_in(tmp_path, changes, message):
    file, _ = old_map(tmp_path, **changes)
    with pytest.raises(InputError, match=message):
        make_plan(replace(ASKED, within=file, start=2000.0, end=3000.0))


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.TAIKO},
        {"keys": 4},
        {"bpm": 120.0},
        {"offset": 0.0},
        {"title": "Another"},
        {"creator": "Another"},
        {"version": "Another"},
        {"metadata": AskedMetadata(source="Another")},
        {"settings": Settings(approach_rate=9)},
    ],
)
def test_what_a_range_has_from_its_map_is_not_said_again(tmp_path, changes):
    file, _ = old_map(tmp_path)
    asked = replace(ASKED, within=file, start=2000.0, end=3000.0)
    with pytest.raises(OptionError, match=f"leave {next(iter(changes))} out"):
        make_plan(replace(asked, **changes))


def test_a_reference_gives_timing_style_and_stars(tmp_path):
    file, old = old_map(tmp_path)
    plan = make_plan(replace(ASKED, context=Context(reference=file)))
    measured = measure_style(draft_of(old, Timing(lines=old.red_lines)).events)
    assert plan.timing == Timing(lines=old.red_lines)
    assert plan.reference == parse(file.read_bytes()).beatmap
    assert plan.stars == pytest.approx(stars(old))
    assert plan.style == AskedStyle(**asdict(replace(measured, hold_share=None)))
    assert plan.settings == Settings()


def test_what_is_said_wins_over_a_reference(tmp_path):
    file, _ = old_map(tmp_path)
    said = Style(slider_share=0.4)
    plan = make_plan(replace(ASKED, context=Context(reference=file), stars=6.0, style=said))
    assert (plan.stars, plan.style.slider_share) == (6.0, 0.4)
    assert (plan.style.density, plan.style.stream_share) == (None, None)
    assert plan.style.hitsounding == 0


def test_a_reference_of_mania_gives_its_keys(tmp_path):
    difficulty = Difficulty(circle_size=7)
    file, _ = old_map(tmp_path, general=General(mode=Mode.MANIA), difficulty=difficulty)
    asked = replace(ASKED, context=Context(reference=file))
    plan = make_plan(asked)
    assert (plan.mode, plan.keys, plan.style.slider_share) == (Mode.MANIA, 7, None)
    assert make_plan(replace(asked, keys=5)).keys == 5


@pytest.mark.parametrize("changes", [{"bpm": 120.0}, {"offset": 0.0}, {"mode": Mode.CATCH}])
def test_what_a_reference_gives_is_not_said_again(tmp_path, changes):
    file, _ = old_map(tmp_path)
    with pytest.raises(OptionError, match=f"leave {next(iter(changes))} out"):
        make_plan(replace(ASKED, context=Context(reference=file), **changes))


@pytest.mark.parametrize(
    ("rated", "level"),
    [
        (0.5, Level.EASY),
        (1.99, Level.EASY),
        (2.0, Level.NORMAL),
        (2.7, Level.HARD),
        (3.99, Level.HARD),
        (4.0, Level.INSANE),
        (5.3, Level.EXPERT),
        (6.49, Level.EXPERT),
        (6.5, Level.EXPERT_PLUS),
    ],
)
def test_levels_at_their_thresholds(rated, level):
    assert level_of(rated) is level


def test_level_names_are_the_modes_own():
    names = [level_name(mode, 4.5, keys=7) for mode in Mode]
    assert names == ["Insane", "Oni", "Rain", "7K MX"]
