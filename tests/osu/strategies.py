"""Beatmaps for hypothesis, in the form in which reading leaves them.

Such a beatmap comes back from ``parse(write(beatmap))`` as it went: text stripped, coordinates on
whole pixels unless the version is 128, velocities that a green line can hold, all in order of time.
"""

from dataclasses import replace

from hypothesis import strategies as st

from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    Colour,
    CurveKind,
    Difficulty,
    EdgeSound,
    Editor,
    Events,
    General,
    GreenLine,
    HitSound,
    Hold,
    Metadata,
    Point,
    RedLine,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.limits import (
    BEAT_LENGTH,
    COORDINATE_PX,
    LENGTH_PX,
    difficulty_ranges,
    velocity_range,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import round_velocity
from beatheritage.osu.parse_settings import SAMPLE_SETS

integers = st.integers(-(2**31) + 1, 2**31 - 1)
times = st.one_of(st.integers(-10_000, 600_000).map(float), st.floats(-(2.0**31) + 1, 2.0**31 - 1))
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")).map(str.strip)
# What stands outside [Metadata] must not have a comment in it.
plain = lines.map(lambda text: text.replace("//", "/ /"))
filenames = st.text("abcXYZ019 _-.()é日", max_size=12).map(str.strip)
sounds = st.integers(0, 15).map(HitSound)
sample_sets = st.integers(0, 3)


def within(limits, **options):
    return st.floats(limits.low, limits.high, **options)


def others(prefix):
    keys = st.from_regex(rf"{prefix}[A-Za-z]{{1,6}}", fullmatch=True)
    return st.dictionaries(keys, plain, max_size=2).map(lambda pairs: tuple(pairs.items()))


samples = st.builds(
    Sample, sample_sets, sample_sets, st.integers(0, 9), st.integers(0, 100), filenames
)
edge_sounds = st.builds(EdgeSound, sounds, sample_sets, sample_sets)


@st.composite
def hit_objects(draw, fractions=False):
    coordinate = within(COORDINATE_PX) if fractions else st.integers(-512, 1024).map(float)
    point = st.builds(Point, coordinate, coordinate)
    time, place = draw(times), draw(point)
    new_combo = draw(st.booleans())
    shared = {
        "time": time,
        "x": place.x,
        "y": place.y,
        "new_combo": new_combo,
        "combo_skip": draw(st.integers(0, 7)) if new_combo else 0,
        "sound": draw(sounds),
        "sample": draw(samples),
    }
    ends = st.floats(time, 2.0**31 - 1)
    kind = draw(st.sampled_from([Circle, Slider, Spinner, Hold]))
    if kind is Circle:
        return Circle(**shared)
    if kind is not Slider:
        return kind(**shared, end=draw(ends))
    slides = draw(st.integers(1, 4))
    return Slider(
        **shared,
        kind=draw(st.sampled_from(CurveKind)),
        points=draw(st.lists(point, max_size=5).map(tuple)),
        slides=slides,
        length=draw(within(LENGTH_PX, exclude_min=True)),
        edges=draw(st.lists(edge_sounds, max_size=slides + 1).map(tuple)),
    )


@st.composite
def timing_points(draw, mode):
    shared = {
        "time": draw(times),
        "meter": draw(st.integers(1, 16)),
        "sample_set": draw(sample_sets),
        "sample_index": draw(st.integers(0, 99)),
        "volume": draw(st.integers(0, 100)),
        "kiai": draw(st.booleans()),
        "omit_barline": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return RedLine(**shared, beat_length=draw(within(BEAT_LENGTH)))
    return GreenLine(**shared, velocity=round_velocity(draw(within(velocity_range(mode)))))


def generals(mode):
    return st.builds(
        General,
        audio_filename=filenames,
        audio_lead_in=integers,
        preview_time=integers,
        countdown=st.integers(0, 3),
        sample_set=st.sampled_from(SAMPLE_SETS),
        stack_leniency=st.floats(0, 1),
        mode=st.just(mode),
        letterbox_in_breaks=st.booleans(),
        special_style=st.booleans(),
        widescreen_storyboard=st.booleans(),
        other=others("Custom"),
    )


editors = st.builds(
    Editor,
    bookmarks=st.lists(integers, max_size=3).map(tuple),
    distance_spacing=st.floats(0, 1000),
    beat_divisor=integers,
    grid_size=integers,
    timeline_zoom=st.floats(0, 100),
    other=others("Custom"),
)
metadata = st.builds(
    Metadata,
    **dict.fromkeys(
        ["title", "title_unicode", "artist", "artist_unicode", "creator", "version", "source"],
        lines,
    ),
    tags=lines.map(lambda text: tuple(text.split())),
    beatmap_id=integers,
    set_id=integers,
    other=others("Custom"),
)
storyboard_lines = st.sampled_from(
    ['Sprite,Foreground,Centre,"a.png",320,240', " F,0,100,200,0,1", "3,100,163,162,255"]
)
breaks = st.tuples(times, times).map(lambda pair: Break(min(pair), max(pair)))


@st.composite
def events(draw):
    video = draw(st.sampled_from(["", "a video.mp4", "b.avi"]))
    return Events(
        background=draw(filenames),
        video=video,
        video_offset=draw(integers) if video else 0,
        breaks=tuple(draw(st.lists(breaks, max_size=2))),
        storyboard=tuple(draw(st.lists(storyboard_lines, max_size=3))),
    )


def difficulties(mode):
    ranges = difficulty_ranges(mode).items()
    numbers = {name: within(limits) for name, limits in ranges}
    return st.builds(Difficulty, **numbers, other=others("Custom"))


any_mode = st.sampled_from(Mode)


@st.composite
def beatmaps(draw, modes=any_mode, max_objects=8):
    """Any beatmap that a .osu file can hold as it is."""
    mode = draw(modes)
    fractions = draw(st.booleans())
    objects = draw(st.lists(hit_objects(fractions), max_size=max_objects))
    points = draw(st.lists(timing_points(mode), max_size=4))
    colours = st.builds(Colour, *[st.integers(0, 255)] * 3)
    beatmap = Beatmap(
        general=draw(generals(mode)),
        editor=draw(editors),
        metadata=draw(metadata),
        difficulty=draw(difficulties(mode)),
        events=draw(events()),
        timing_points=tuple(
            sorted(points, key=lambda item: (item.time, isinstance(item, GreenLine)))
        ),
        combo_colours=tuple(draw(st.lists(colours, max_size=3))),
        other_colours=draw(others("Slider")),
        objects=tuple(sorted(objects, key=lambda item: item.time)),
    )
    return replace(beatmap, format_version=128) if _needs_fractions(beatmap) else beatmap


def _needs_fractions(beatmap):
    places = [(item.x, item.y) for item in beatmap.objects]
    places += [
        place for item in beatmap.objects if isinstance(item, Slider) for place in item.points
    ]
    return any(value % 1 for place in places for value in place)
