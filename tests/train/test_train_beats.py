"""The beat head's training: the right targets, the same run after a stop, the same head in ONNX."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from safetensors.torch import load_file  # noqa: E402

from beatheritage.audio.mel import BANDS, FRAME_MS  # noqa: E402
from beatheritage.engine.onnx import OnnxBeats  # noqa: E402
from beatheritage.engine.weights import make_manifest  # noqa: E402
from beatheritage.model.beats import BeatHead, BeatHeadConfig  # noqa: E402
from beatheritage.model.export_beats import export  # noqa: E402
from beatheritage.osu.beatmap import Beatmap, RedLine  # noqa: E402
from beatheritage.train.beats import (  # noqa: E402
    OUTPUT_MS,
    Lesson,
    Recipe,
    begin,
    crop,
    most_agreed,
    step,
)

TINY = BeatHeadConfig(channels=8, layers=3)
RECIPE = Recipe(steps=6, batch=2, crop_s=4.0, warmup=2, learning_rate=0.01)


@pytest.fixture
def lesson() -> Lesson:
    """Beats every 400 ms that can be seen: all bands are loud on them."""
    beats = np.arange(200.0, 39_800, 400)
    mel = np.full((10_000, BANDS), -2.0, np.float16)
    mel[np.rint(beats / FRAME_MS).astype(int)] = 0
    return Lesson(song_id="a", mel=mel, beats=beats, downbeat=np.arange(len(beats)) % 4 == 0)


def test_targets_lie_where_the_sound_is_at_any_stretch(lesson, rng):
    for _ in range(8):
        mel, targets, weights = crop(lesson, RECIPE, rng)
        assert targets.shape == (len(mel) // 4, 2)
        assert set(np.unique(weights)) <= {0.0, 1.0}
        inside = weights > 0
        beats = np.flatnonzero((targets[:, 0] > 0.8) & inside)
        sounding = np.flatnonzero(mel[:, 20] > mel[:, 20].mean() + 0.5) * FRAME_MS
        for beat in beats:
            assert np.abs(sounding - beat * OUTPUT_MS).min() <= OUTPUT_MS
        assert targets[:, 1].sum() <= targets[:, 0].sum()


def test_the_same_seed_draws_the_same(lesson):
    first, second = (crop(lesson, RECIPE, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_stopped_run_goes_on_as_if_it_had_not(lesson, tmp_path):
    whole = begin(RECIPE, TINY)
    losses = [step(whole, [lesson]) for _ in range(6)]
    stopped = begin(RECIPE, TINY)
    for _ in range(3):
        step(stopped, [lesson])
    stopped.save(tmp_path / "checkpoint.pt")
    resumed = begin(RECIPE, TINY)
    resumed.load(tmp_path / "checkpoint.pt")
    assert [step(resumed, [lesson]) for _ in range(3)] == losses[3:]


def test_training_lowers_the_loss(lesson):
    run = begin(Recipe(steps=40, batch=2, crop_s=4.0, warmup=2, learning_rate=0.01), TINY)
    losses = [step(run, [lesson]) for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


def test_the_head_in_onnx_is_the_head_in_torch(tmp_path, rng):
    torch.manual_seed(2)
    export(BeatHead(TINY), tmp_path)
    (tmp_path / "manifest.json").write_text(make_manifest(tmp_path))
    mel = rng.standard_normal((203, BANDS)).astype(np.float32)
    head = BeatHead(TINY).eval()
    head.load_state_dict(load_file(tmp_path / "beats.safetensors"))
    with torch.no_grad():
        expected = torch.sigmoid(head(torch.from_numpy(mel)[None]))[0].numpy()
    heard = OnnxBeats(tmp_path / "beats.onnx").listen(mel)
    assert heard.shape == (51, 2)
    # The weights to train on from are kept in half precision.
    assert np.allclose(heard, expected, atol=2e-3)


def test_the_lines_of_most_charts_are_taken():
    common, odd = RedLine(time=100, beat_length=400), RedLine(time=90, beat_length=300)
    charts = [Beatmap(timing_points=(line,)) for line in (odd, common, common)]
    assert most_agreed(charts) is charts[1]
