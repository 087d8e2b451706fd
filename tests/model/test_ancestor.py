"""The ancestors' mapper gives what the original code gave, for every version."""

import numpy as np
import pytest
import torch
from tests.ancestors import (
    GOLDENS,
    TINY,
    VERSIONS,
    golden,
    kept,
    needs_goldens,
    relative_error,
    song_samples,
    tiny_config,
    write_tiny,
)

from beatheritage.model.ancestor import Told
from beatheritage.model.ancestor_mel import MelFrontEnd
from beatheritage.model.checkpoint import load_mapper, open_checkpoint

TOLERANCE = 1e-4
HAS_CONDITIONS = ("v30", "v31", "beatheritage_v1")


@pytest.fixture(scope="module", params=VERSIONS)
def recorded(request):
    checkpoint = open_checkpoint(GOLDENS / request.param)
    return request.param, checkpoint, load_mapper(checkpoint)


def told_of(conditions):
    return Told(
        stars=torch.tensor(conditions.get("difficulty", [5.0])),
        mapper=torch.tensor(conditions.get("mapper_idx", [-1])),
        span=torch.tensor(conditions.get("song_position", [[0.0, 0.0]])),
    )


def logits_of(mapper, tokens_BT, heard, seen_BTN=None):
    places_BT = torch.arange(tokens_BT.shape[1])[None]
    decoder = mapper.decoder
    return decoder.head(decoder(tokens_BT, places_BT, heard, seen_BTN=seen_BTN))


def tokens_seen(version, count):
    """None is causal; V32's recording was made without a cache, where its decoder is not."""
    return torch.ones(1, count, count, dtype=torch.bool) if version == "v32" else None


@needs_goldens
@torch.inference_mode()
def test_every_stage_is_as_recorded(recorded):
    version, checkpoint, mapper = recorded
    samples = golden("shared", "audio_16k_mono.npy")[: checkpoint.config.window_samples]
    samples_BS = torch.from_numpy(samples)[None]
    source = "v30" if version in HAS_CONDITIONS else version
    mel = golden(source, "mel.npy")
    heard = mapper.listen(samples_BS)[0, : len(mel)].numpy()
    assert relative_error(heard, mel) < TOLERANCE

    inputs = golden(version, "inputs.json")
    memory_BPC = mapper.encode(samples_BS, told_of(inputs["cond"]))
    expected = golden(version, "encoder_out.npy")
    assert memory_BPC[0].shape == expected.shape
    assert relative_error(memory_BPC[0].numpy(), expected) < TOLERANCE

    tokens_BT = torch.tensor([inputs["prompt"]])
    count = tokens_BT.shape[1]
    logits_BTV = logits_of(
        mapper,
        tokens_BT,
        mapper.decoder.hear(memory_BPC),
        seen_BTN=tokens_seen(version, count),
    )
    expected = golden(version, "decoder_logits.npy")
    assert relative_error(logits_BTV[0, -len(expected) :].numpy(), expected) < TOLERANCE
    assert logits_BTV[0].argmax(-1).tolist() == inputs["argmax_all_positions"]


@needs_goldens
@pytest.mark.parametrize("version", HAS_CONDITIONS)
@torch.inference_mode()
def test_conditions_are_as_recorded(version):
    mapper = load_mapper(open_checkpoint(GOLDENS / version))
    told = told_of(golden(version, "inputs.json")["cond"])
    expected = golden(version, "cond_embeddings.npz")
    got = {
        "difficulty": mapper.embed("difficulty", told),
        "mapper_idx": mapper.embed("mapper", told),
        "song_position": mapper.embed("position", told),
        "mapper_minus1": mapper.embed("mapper", told._replace(mapper=torch.tensor([-1]))),
        "mapper_overflow": mapper.embed("mapper", told._replace(mapper=torch.tensor([99]))),
    }
    for stars in (0.0, 1.0, 2.5, 7.77, 12.0):
        other = told._replace(stars=torch.tensor([stars]))
        got[f"difficulty_{stars}"] = mapper.embed("difficulty", other)
    assert got.keys() == set(expected.files)
    for name, vector in got.items():
        assert relative_error(vector[0].numpy(), expected[name]) < TOLERANCE, name


@pytest.mark.parametrize("version", TINY)
@torch.inference_mode()
def test_tiny_ones_are_as_kept(version, tmp_path):
    mapper = load_mapper(open_checkpoint(write_tiny(version, tmp_path)))
    samples_BS = torch.from_numpy(song_samples(mapper.config.window_samples))[None]
    told = told_of({"difficulty": [4.2], "mapper_idx": [3], "song_position": [[0.1, 0.3]]})
    memory_BPC = mapper.encode(samples_BS, told)
    tokens_BT = torch.tensor([[1, 9, 40, 700, 1500, 3000, 3500]])
    logits_BTV = logits_of(mapper, tokens_BT, mapper.decoder.hear(memory_BPC))
    got = {
        "mel": mapper.listen(samples_BS)[0, 40:43].flatten().tolist(),
        "memory": memory_BPC[0, ::100].flatten()[:64].tolist(),
        "logits": logits_BTV[0, :, ::97].flatten()[:128].tolist(),
    }
    for stage, expected in kept()[version].items():
        if stage in got:
            assert relative_error(np.array(got[stage]), np.array(expected)) < TOLERANCE, stage


@torch.inference_mode()
def test_nothing_sees_what_comes_after_it(tmp_path):
    mapper = load_mapper(open_checkpoint(write_tiny("v32", tmp_path)))
    heard = mapper.decoder.hear(torch.zeros(1, 8, mapper.config.width))
    tokens_BT = torch.tensor([[1, 50, 60, 70]])
    before = logits_of(mapper, tokens_BT, heard)
    tokens_BT[0, -1] = 80
    after = logits_of(mapper, tokens_BT, heard)
    assert torch.equal(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3], after[0, 3])


@pytest.mark.parametrize("version", TINY)
def test_a_tone_lights_its_own_band(version):
    listening = tiny_config(version).listening
    times = torch.arange(16_000) / 16_000
    hear = MelFrontEnd(listening)
    loudest = [
        int(hear(torch.sin(2 * torch.pi * hz * times)[None])[0, 50:70].sum(0).argmax())
        for hz in (300.0, 1000.0, 3000.0, 7000.0)
    ]
    assert loudest == sorted(set(loudest))
