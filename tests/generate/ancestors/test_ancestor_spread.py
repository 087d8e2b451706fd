"""Several difficulties go through the model together, and each is what it would be alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.ancestors import tokenizer_of, write_tiny
from tests.generate.ancestors.test_ancestor_attempts import jumps
from tests.generate.ancestors.test_song import TIMING, Recital, Reciter, plan_of, song_of

from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.ancestors.passes import layers_of, run_together
from beatheritage.generate.ancestors.song import Ancestor, session_of
from beatheritage.generate.ancestors.spread import write_spread_with
from beatheritage.generate.drafting import listen
from beatheritage.generate.request import Aim, Sampling
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Vocabulary


class Counting:
    """An engine that remembers how many rows it was given at once."""

    def __init__(self, engine, room):
        self.engine, self.room, self.rows = engine, room, []
        self.window_samples = engine.window_samples

    def hear(self, samples_WS, told):
        return self.engine.hear(samples_WS, told)

    def start(self, heard, windows):
        self.rows.append(len(windows))
        return self.engine.start(heard, windows)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    opened = open_ancestor(write_tiny("v32", tmp_path_factory.mktemp("v32")))
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    engine = Counting(load_ancestor(opened), 120)
    return Ancestor(engine=engine, vocabulary=vocabulary, name="tiny")


OPTIONS = AncestorOptions(lookback=0.3, lookahead=0.3, time_bias=3.0)


def plans_of(*stars, **options):
    sampling = Sampling(temperature=1.0, top_p=1.0)
    plan = plan_of(Mode.STD, sampling=sampling, difficulty=Aim(scale=False))
    ancestor = replace(OPTIONS, **options)
    return [replace(plan, stars=each, ancestor=ancestor) for each in stars]


def test_together_is_as_alone(tiny):
    one, other = (listen(song_of(seconds), TIMING) for seconds in (24, 31))

    def works():
        return [
            layers_of(session_of(heard, plan, tiny, np.random.default_rng(number)))
            for number, (heard, plan) in enumerate(
                zip([one, one, other], plans_of(2.0, 4.0, 6.0), strict=True)
            )
        ]

    alone = [run_together(tiny.engine, [work])[0] for work in works()]
    tiny.engine.rows.clear()
    assert run_together(tiny.engine, works()) == alone
    assert max(tiny.engine.rows) == 3
    tiny.engine.rows.clear()
    assert run_together(tiny.engine, works(), 2) == alone
    assert max(tiny.engine.rows) == 2


def test_windows_apart_are_one_batch(tiny):
    heard = listen(song_of(40), TIMING)
    tiny.engine.rows.clear()
    (plan,) = plans_of(4.0, parallel=True)
    run_together(tiny.engine, [layers_of(session_of(heard, plan, tiny, np.random.default_rng(0)))])
    assert tiny.engine.rows == [3]


class Choir(Reciter):
    """Knows one map by heart, in as many rows as are asked for."""

    def start(self, heard, windows):
        return Voices([Recital(self) for _ in windows])


class Voices:
    def __init__(self, recitals):
        self.recitals = recitals

    def read(self, rows):
        pairs = zip(self.recitals, rows, strict=True)
        return np.concatenate([each.read([row]) for each, row in pairs])


def test_a_set_is_written_and_each_difficulty_brought_to_its_stars():
    vocabulary, known = Vocabulary(tokenizer_of("v32")), jumps(60)
    choir = Ancestor(engine=Choir(vocabulary, known), vocabulary=vocabulary, name="choir")
    heard = listen(song_of(14), Timing(lines=known.red_lines))
    greedy = AncestorOptions(greedy=True)
    plans = [
        replace(plan_of(Mode.STD, ancestor=greedy), stars=stars, version=name)
        for stars, name in ((3.5, "Hard"), (4.1, "Insane"))
    ]
    made = write_spread_with({Mode.STD: choir}, heard, plans)
    easy, hard = made.difficulties
    assert easy.stars < hard.stars
    assert [each.beatmap.metadata.version for each in (easy, hard)] == ["Hard", "Insane"]
    assert easy.beatmap.red_lines[0].time == hard.beatmap.red_lines[0].time
