"""A checkpoint that writes, and osu-diffusion that finds its places."""

import numpy as np
import pytest
from tests.ancestors import small_map, tokenizer_of
from tests.ancestors import write_tiny as write_ancestor
from tests.diffusion import placer_in, write_tiny
from tests.generate.ancestors.test_song import GREEDY, Reciter, plan_of, song_of

from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.load import open_model
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.ancestors.song import Ancestor, write_map
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.drafting import listen
from beatheritage.osu.beatmap import Slider
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Vocabulary


def written(placer, **changes):
    vocabulary, known = Vocabulary(tokenizer_of("v29")), small_map(Mode.STD)
    ancestor = Ancestor(
        engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="reciter", placer=placer
    )
    placing = PlacingOptions(diffuses=True, **changes)
    plan = plan_of(Mode.STD, ancestor=GREEDY, placing=placing)
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    return write_map(heard, plan, ancestor, np.random.default_rng(0)).objects


def test_places_are_found_and_nothing_else_changes(tmp_path):
    plain, placed = written(None), written(placer_in(write_tiny(tmp_path)))
    assert [(type(item), item.time, item.sound) for item in placed] == [
        (type(item), item.time, item.sound) for item in plain
    ]
    assert [(item.x, item.y) for item in placed] != [(item.x, item.y) for item in plain]
    for item, other in zip(placed, plain, strict=True):
        if isinstance(item, Slider) and isinstance(other, Slider):
            assert item.length == pytest.approx(other.length)


def test_how_far_is_an_option_that_counts(tmp_path):
    placer = placer_in(write_tiny(tmp_path))
    assert written(placer, steps=(1, *[0] * 99)) != written(placer, steps=(10, *[0] * 99))


def test_the_placer_is_opened_for_modes_that_have_places(tmp_path):
    write_ancestor("v32", tmp_path / "model")
    write_tiny(tmp_path / "placer")
    placing = PlacingOptions(diffuses=True, placer=str(tmp_path / "placer"))
    name, options = str(tmp_path / "model"), AncestorOptions(device="cpu")
    assert open_model(name, Mode.CATCH, options, placing).placer is not None
    assert open_model(name, Mode.MANIA, options, placing).placer is None
    assert open_model(name, Mode.STD, options).placer is None
    gone = PlacingOptions(diffuses=True, placer="gone")
    with pytest.raises(WeightsError, match=r"no model 'gone'.*diffuses=false does without"):
        open_model(name, Mode.STD, options, gone)
