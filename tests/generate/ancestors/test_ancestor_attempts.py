"""A checkpoint's map is brought to the stars that were asked for."""

from dataclasses import replace

import numpy as np
import pytest
from tests.ancestors import small_map, tokenizer_of
from tests.generate.ancestors.test_song import GREEDY, Reciter, plan_of, song_of

from beatheritage.generate.ancestors.attempts import AncestorAttempts, metre_of, with_fewer
from beatheritage.generate.ancestors.generate import brought_to_stars, generate_with
from beatheritage.generate.ancestors.song import Ancestor
from beatheritage.generate.difficulty import AS_PLANNED, Knobs
from beatheritage.generate.drafting import listen
from beatheritage.generate.request import Aim
from beatheritage.osu.beatmap import Circle
from beatheritage.osu.mode import Mode
from beatheritage.progress import ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Vocabulary


def jumps(count=80):
    """A map of jumps on eighths, no two in a row at one place."""
    known = small_map(0)
    line = known.red_lines[0]
    circles = tuple(
        Circle(
            time=200.0 + 200 * number,
            x=float(100 + 300 * (number % 2)),
            y=float(60 + 40 * (number % 7)),
            new_combo=number % 4 == 0,
        )
        for number in range(count)
    )
    return replace(known, timing_points=(line,), objects=circles)


@pytest.fixture(scope="module")
def attempts():
    known, vocabulary = jumps(), Vocabulary(tokenizer_of("v32"))
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="by heart")
    heard = listen(song_of(16), Timing(lines=known.red_lines))
    plan = plan_of(Mode.STD, ancestor=GREEDY)
    return AncestorAttempts(ancestor, heard, plan, np.random.default_rng(0), ignore), plan


@pytest.mark.parametrize("share", [0.85, 1.0, 1.15])
def test_stars_are_met_without_writing_anew(attempts, share):
    tried, plan = attempts
    asked = tried.stars(AS_PLANNED) * share
    made = brought_to_stars(tried, replace(plan, stars=asked))
    assert made.stars == pytest.approx(asked, abs=0.15)
    assert not [warning for warning in made.warnings if "stars" in warning]


def test_what_cannot_be_met_is_said(attempts):
    tried, plan = attempts
    made = brought_to_stars(tried, replace(plan, stars=9.5))
    assert any("of the 9.5 stars asked for" in warning for warning in made.warnings)
    assert made.stars >= tried.stars(AS_PLANNED)


def test_as_written_is_as_written(attempts):
    tried, plan = attempts
    plain = replace(plan, stars=9.5, difficulty=Aim(scale=False))
    assert brought_to_stars(tried, plain).beatmap == tried.made(AS_PLANNED)


def test_trimming_is_monotone(attempts):
    tried, _ = attempts
    rated = [tried.stars(Knobs(trim=trim)) for trim in (-1.0, -0.5, 0.0, 0.4)]
    assert rated == sorted(rated)


def test_fewer_notes_leave_the_beat():
    beatmap = jumps()
    timing = Timing(lines=beatmap.red_lines)
    left = with_fewer(beatmap, timing, 30)
    assert len(left) == 50
    beats = timing.beat(np.array([item.time for item in left]))
    assert np.abs(beats - np.rint(beats)).max() < 0.01 or len(left) > 40
    assert sum(item.new_combo for item in left) > 0
    assert with_fewer(beatmap, timing, 0) == beatmap.objects


def test_the_beat_speaks_for_a_note():
    assert metre_of(np.array([0, 24, 12, 6])).tolist() == [2, 1, 0, -1]


def test_it_is_all_of_generating():
    known, vocabulary = jumps(), Vocabulary(tokenizer_of("v32"))
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="by heart")
    heard = listen(song_of(16), Timing(lines=known.red_lines))
    plan = replace(plan_of(Mode.STD, ancestor=GREEDY), stars=3.0)
    made = generate_with(ancestor, heard, plan, np.random.default_rng(0))
    free = replace(plan, difficulty=Aim(scale=False))
    plain = generate_with(ancestor, heard, free, np.random.default_rng(0))
    assert abs(made.stars - 3.0) < abs(plain.stars - 3.0)
