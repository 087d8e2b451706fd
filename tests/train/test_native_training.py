"""The native mapper learns, and what is said of a window is true."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from beatheritage.audio.mel import BANDS, FRAME_MS  # noqa: E402
from beatheritage.osu.mode import Mode  # noqa: E402
from beatheritage.timing.lead import MAP_LEAD_MS  # noqa: E402
from beatheritage.tokens.grammar import MASKS  # noqa: E402
from beatheritage.tokens.prompt import Conditions, condition_vector  # noqa: E402
from beatheritage.tokens.vocabulary import Token, ids, token_id  # noqa: E402
from beatheritage.train.grading import TokenGrading  # noqa: E402
from beatheritage.train.mapper_noise import NO_NOISE, Noise  # noqa: E402
from beatheritage.train.mapper_source import load_shards  # noqa: E402
from beatheritage.train.native_windows import (  # noqa: E402
    Charts,
    Dropout,
    Infilling,
    MelSound,
    Mix,
    Telling,
    draw_row,
)
from beatheritage.train.objective import glance_totals, mapper_totals  # noqa: E402
from tests.tiny import tiny_mapper  # noqa: E402
from tests.train.learners import native_learner, native_source  # noqa: E402
from tests.train.shards import write_shards  # noqa: E402

PLAIN = Telling(
    mix=Mix(taiko=0, catch=0, mania=0, heard=1),
    sound=MelSound(tempo=0, pitch=0, gain=0, offset=0, masked=0),
    noise=NO_NOISE,
    dropout=Dropout(song=0, stars=0, style=1, measure=0),
    infilling=Infilling(share=0),
    beats=20,
)


def row(telling: Telling = PLAIN, seed: int = 0) -> dict[str, np.ndarray]:
    source = native_source()
    charts = Charts(source.learnt, source.mels)
    return draw_row(charts, telling, (0, 1), np.random.default_rng(seed))


def test_targets_are_among_their_choices_and_onsets_where_the_tokens_are() -> None:
    made = row()
    learnt = made["targets_BT"] >= 0
    assert learnt.any()
    assert MASKS[made["choices_BT"][learnt], made["targets_BT"][learnt]].all()
    ticks = ids(Token.TICK)
    is_tick = (made["targets_BT"] >= ticks.start) & (made["targets_BT"] < ticks.stop)
    # A target's place is told with the next token.
    assert (made["onset_BN"][made["ticks_BT"][1:][is_tick[:-1]]] == 1).all()


def test_the_future_is_told_and_not_learnt() -> None:
    made = row(replace(PLAIN, infilling=Infilling(share=1, most=8)))
    tokens, targets = made["tokens_BT"], made["targets_BT"]
    assert tokens[0] == token_id(Token.FUTURE)
    start = int(np.flatnonzero(tokens == token_id(Token.START))[0])
    assert (targets[:start] == -1).all()
    assert (targets[start:] >= 0).any()


def test_noise_changes_what_is_told_and_not_what_is_learnt() -> None:
    """Of circles alone no token is learnt that tells of a slider, whatever was told."""
    telling = replace(PLAIN, mix=Mix(std=0, taiko=0, catch=1, mania=0, heard=1, converted=0))
    plain, noisy = row(telling), row(replace(telling, noise=Noise(codec=1, slipping=1, slips=1)))
    assert not np.array_equal(plain["patch_BPM"], noisy["patch_BPM"])
    sliders = ids(Token.SLIDER)

    def tells_of_sliders(tokens: np.ndarray) -> bool:
        return bool(((tokens >= sliders.start) & (tokens < sliders.stop)).any())

    assert tells_of_sliders(noisy["tokens_BT"])
    assert not tells_of_sliders(noisy["targets_BT"])
    assert not tells_of_sliders(plain["tokens_BT"])


def test_at_another_speed_beats_still_sound_where_they_are_written() -> None:
    """A song of silence but for one frame at each beat: at any speed it is heard on the beat."""
    source = native_source()
    example = next(each for each in source.learnt if each.mode is Mode.STD and each.song)
    mel = np.full((27_000, BANDS), -4.0, np.float32)
    beats = np.arange(0, 200)
    mel[np.rint((example.timing.time(beats) + MAP_LEAD_MS) / FRAME_MS).astype(int)] = 0.0
    charts = Charts([example], {example.song: mel})
    telling = replace(PLAIN, sound=replace(PLAIN.sound, tempo=0.2))
    for seed in range(4):
        made = draw_row(charts, telling, (0, 1), np.random.default_rng(seed))
        levels = made["patch_BPM"].reshape(len(made["phase_BP"]), -1, BANDS).mean(2)
        heard = levels[::12]
        loud = heard[(heard.max(1) > -3)]
        assert len(loud) > 5
        # Within a frame or two of the middle of what is heard around the beat.
        assert (np.abs(loud.argmax(1) - levels.shape[1] // 2) <= 2).all()
        assert made["tempo_BP"][0] != np.float32(1.0)


def test_at_another_speed_its_stars_are_not_told() -> None:
    known = row(PLAIN)["condition_BC"]
    unknown = row(replace(PLAIN, sound=replace(PLAIN.sound, tempo=0.2)))["condition_BC"]
    stars = np.flatnonzero(
        condition_vector(Conditions(mode=Mode.STD, stars=3.0))
        - condition_vector(Conditions(mode=Mode.STD))
    )
    scale = slice(stars[0] - 4, stars[0] + 8)
    assert known[scale].any()
    assert unknown[scale].sum() < known[scale].sum()


@pytest.mark.parametrize("slots", [2, 4])
def test_no_two_slots_read_the_same_chart(slots: int) -> None:
    source = native_source()
    charts = Charts(source.learnt, source.mels)
    drawn = []
    for slot in range(2):
        rng = np.random.default_rng(slot)
        mix = replace(PLAIN.mix, heard=1)
        drawn.append({charts.pick(mix, (slot, 2), rng)[0].song for _ in range(slots * 8)})
    assert drawn[0]
    assert not drawn[0] & drawn[1]


def test_shards_are_read_and_their_sound_is_heard_once(tmp_path: Path) -> None:
    source = load_shards(write_shards(tmp_path / "shards"), tmp_path)
    assert (len(source.learnt), len(source.unseen)) == (2, 2)
    assert {each.song for each in source.learnt} == {"song0"}
    assert source.learnt[0].stars == 2
    kept = tmp_path / "mel" / "song0.npy"
    before = kept.stat().st_mtime_ns
    assert load_shards(tmp_path / "shards", tmp_path).mels.keys() == {"song0", "song1"}
    assert kept.stat().st_mtime_ns == before


def test_the_glance_is_learnt_alone_where_that_is_asked(tmp_path: Path) -> None:
    mapper, batch = tiny_mapper().train(), native_learner(tmp_path).draw(0, range(2), 2)[0]
    masks = torch.from_numpy(MASKS)
    alone = glance_totals(mapper, batch, masks, TokenGrading())["glance"]
    both = mapper_totals(mapper, batch, masks, TokenGrading())
    assert float(alone.detach()) == float(both["glance"].detach())
    alone.backward()
    moved = {name for name, each in mapper.named_parameters() if each.grad is not None}
    assert moved == {
        f"decoder.glance.{name}" for name, _ in mapper.decoder.glance.named_parameters()
    }


@pytest.mark.parametrize("grade", [mapper_totals, glance_totals])
def test_a_batch_is_learnt(tmp_path: Path, grade: Callable[..., dict[str, torch.Tensor]]) -> None:
    mapper, batch = tiny_mapper().train(), native_learner(tmp_path).draw(0, range(2), 2)[0]
    optimiser = torch.optim.AdamW(mapper.parameters(), lr=3e-3)
    masks, losses = torch.from_numpy(MASKS), []
    for _ in range(12):
        loss = torch.stack(list(grade(mapper, batch, masks, TokenGrading()).values())).sum()
        optimiser.zero_grad()
        (loss / 1000).backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
