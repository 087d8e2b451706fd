"""The ancestors' architectures: what a window tells and asks, and that the loop trains them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.errors import OptionError  # noqa: E402
from beatheritage.model.checkpoint import load_mapper, open_checkpoint  # noqa: E402
from beatheritage.osu.beatmap import Slider  # noqa: E402
from beatheritage.osu.mode import Mode  # noqa: E402
from beatheritage.tokens.steps import EOS, SOS, STEP, Context, Step, Vocabulary  # noqa: E402
from beatheritage.train.ancestor_versions import VERSIONS, lay_out  # noqa: E402
from beatheritage.train.ancestor_windows import (  # noqa: E402
    Contexts,
    HiddenSpan,
    Room,
    StepDropout,
    StepNoise,
    StepTelling,
    draw_row,
)
from beatheritage.train.loop import train  # noqa: E402
from beatheritage.train.places import Placing, Turn, at_speed, turned  # noqa: E402
from beatheritage.train.sound import cut, tuned  # noqa: E402
from tests.train.learners import ancestor_learner, circles, tracks  # noqa: E402

NOTHING = Contexts(none=0, timing=0, kiai=0, map=0, sv=0, no_hs=0, gd=0)
PLAIN = StepTelling(
    places=Placing(flip=0),
    context=replace(NOTHING, none=1),
    dropout=StepDropout(song=0, mapper=0, conditions=0),
    noise=StepNoise(times=0),
    lookback=0,
)
ROOM = Room(samples=130_944, tokens=2048)


def row(folder: Path, telling: StepTelling = PLAIN, version: str = "v29", song: int = 0):
    vocabulary = Vocabulary(lay_out(VERSIONS[version], [7], ["tech"]), 16)
    track = tracks(folder)[song]
    return draw_row(track, vocabulary, ROOM, telling, np.random.default_rng(0)), vocabulary


def kinds(tokens: np.ndarray, vocabulary: Vocabulary) -> list[Step]:
    return [event.kind for token in tokens if (event := vocabulary.event(int(token)))]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_the_windows_tokens_and_learns_them_to_the_end(tmp_path, version):
    made, vocabulary = row(tmp_path, version=version)
    tokens, targets = made["tokens_T"], made["targets_T"]
    start = int(np.flatnonzero(tokens == SOS)[0])
    assert (targets[:start] == -1).all()
    assert (targets[start:-1] == tokens[start + 1 :]).all()
    assert targets[-1] == EOS
    assert Step.CIRCLE in kinds(tokens, vocabulary)
    assert tokens.max() < vocabulary.size_in


@pytest.mark.parametrize("name", ["timing", "kiai", "map", "no_hs", "gd", "none"])
def test_a_context_that_is_drawn_is_given(tmp_path, name):
    made, vocabulary = row(tmp_path, replace(PLAIN, context=replace(NOTHING, **{name: 1})))
    before = made["tokens_T"][: int(np.flatnonzero(made["tokens_T"] == SOS)[0])]
    assert vocabulary.sos[Context(name)] in before
    others = {vocabulary.sos[each] for each in vocabulary.sos if each is not Context(name)}
    assert not others & set(before.tolist())
    sounds = Step.HITSOUND in kinds(before, vocabulary)
    assert sounds == (name in ("map", "gd"))


def test_scroll_speeds_are_given_in_mania(tmp_path):
    telling = replace(PLAIN, context=replace(NOTHING, sv=1))
    made, vocabulary = row(tmp_path, telling, song=2)
    before = made["tokens_T"][: int(np.flatnonzero(made["tokens_T"] == SOS)[0])]
    assert vocabulary.sos[Context.SCROLL] in before


def test_of_a_map_that_is_given_a_span_is_hidden_and_alone_is_learnt(tmp_path):
    context = replace(NOTHING, map=1)
    telling = replace(PLAIN, context=context, infilling=HiddenSpan(least=0.4, most=0.4))
    made, vocabulary = row(tmp_path, telling)
    whole, _ = row(tmp_path)
    learnt, all_learnt = ((each["targets_T"] >= 0).sum() for each in (made, whole))
    assert 0.2 * all_learnt < learnt < 0.6 * all_learnt
    times = vocabulary.ids(Step.TIME)
    asked = made["targets_T"]
    asked = asked[(asked >= times.start) & (asked < times.stop)]
    spread = (asked.max() - asked.min()) * STEP
    assert spread <= 0.4 * ROOM.length + STEP


def test_of_a_window_whose_first_half_is_given_the_second_is_learnt(tmp_path):
    made, vocabulary = row(tmp_path, replace(PLAIN, lookback=1))
    times = vocabulary.ids(Step.TIME)
    objects = made["targets_T"]
    asked = objects[(objects >= times.start) & (objects < times.stop)]
    assert len(asked)
    # A group's own time comes before what it is told by.
    assert ((asked - times.start) * STEP >= ROOM.length / 2 - 600).all()


def test_noise_is_on_what_is_told_and_not_on_what_is_learnt(tmp_path):
    plain, vocabulary = row(tmp_path)
    noisy, _ = row(tmp_path, replace(PLAIN, noise=StepNoise(times=2)))
    assert (plain["targets_T"] == noisy["targets_T"]).all()
    off = noisy["tokens_T"] - plain["tokens_T"]
    times = vocabulary.ids(Step.TIME)
    is_time = (plain["tokens_T"] >= times.start) & (plain["tokens_T"] < times.stop)
    assert off[is_time].any()
    assert not off[~is_time].any()
    assert np.abs(off).max() <= 2


def test_a_context_that_the_version_hasnt_is_refused(tmp_path):
    with pytest.raises(OptionError, match="can't be given gd"):
        ancestor_learner(tmp_path, ("version=v32", "context.gd=1"))


def test_a_version_that_writes_std_alone_learns_from_std_alone(tmp_path):
    learner = ancestor_learner(tmp_path, ("version=v30",))
    assert len(learner.learnt) == 2
    assert {each.mode for track in learner.learnt for each in track.lessons} == {Mode.STD}


def test_it_learns_and_its_checkpoint_is_one_that_generate_opens(tmp_path):
    learner = ancestor_learner(tmp_path / "run", ("steps=2",))
    trained = train(learner, learner.recipe)
    opened = load_mapper(open_checkpoint(tmp_path / "run")).state_dict()
    assert all(torch.equal(weight, opened[name]) for name, weight in trained.state_dict().items())
    again = ancestor_learner(tmp_path / "again", (f"start={tmp_path / 'run'}",))
    assert again.tokenizer == learner.tokenizer


def test_turned_maps_keep_their_time_and_shape():
    beatmap = circles(0)
    half = Turn(matrix=-0.9 * np.eye(2), scale=0.9)
    moved = turned(beatmap, half)
    assert moved.difficulty.slider_multiplier == pytest.approx(0.9 * 1.4)
    for was, now in zip(beatmap.objects, moved.objects, strict=True):
        assert now.time == was.time
        assert now.x - 256 == pytest.approx(-0.9 * (was.x - 256))
        if isinstance(was, Slider) and isinstance(now, Slider):
            assert now.length == pytest.approx(0.9 * was.length)


def test_a_faster_map_has_all_its_times_nearer():
    beatmap = circles(0)
    faster = at_speed(beatmap, 1.25)
    assert faster.red_lines[0].bpm == pytest.approx(1.25 * beatmap.red_lines[0].bpm)
    assert faster.objects[-1].time == pytest.approx(beatmap.objects[-1].time / 1.25)


def frequency(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 16_000 / len(samples))


SINE = np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000)


@pytest.mark.parametrize("semitones", [-2.0, 1.0, 3.0])
def test_tuning_moves_the_pitch_and_nothing_in_time(semitones):
    made = tuned(SINE.astype(np.float32), semitones)
    assert len(made) == len(SINE)
    assert frequency(made[8_000:24_000]) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.01)


def test_speed_moves_both():
    samples = (SINE * 20_000).astype(np.int16)
    assert frequency(cut(samples, 0, 16_000, 1.1)) == pytest.approx(484, rel=0.01)
    late = cut(samples, 1000, 100)
    np.testing.assert_allclose(late, samples[16_000:16_100] / 32_767, atol=1e-4)
    assert not cut(samples, -5000, 100).any()
