"""A real mapper, tiny and untrained, for tests: the code that runs is the code that ships."""

import numpy as np
import torch

from beatheritage.audio.grid import PATCH
from beatheritage.engine.mapper import Score
from beatheritage.model.mapper import Mapper, MapperConfig
from beatheritage.tokens import prompt, vocabulary

# Models this small only wait for a second thread.
torch.set_num_threads(1)


def tiny_mapper(seed: int = 0, shares: tuple[tuple[int, int, float], ...] = ()) -> Mapper:
    """Two layers, width 32; its outputs are far from even, so that masks and caches matter."""
    torch.manual_seed(seed)
    config = MapperConfig(
        vocabulary=vocabulary.SIZE,
        beat_token=vocabulary.token_id(vocabulary.Token.BEAT),
        conditions=prompt.SIZE,
        patch=PATCH,
        width=32,
        heads=2,
        dilations=(1, 4, 48),
        layers=2,
        shares=shares,
    )
    mapper = Mapper(config)
    torch.nn.init.normal_(mapper.decoder.out.weight, std=0.3)
    torch.nn.init.normal_(mapper.decoder.glance[-1].weight, std=0.3)
    torch.nn.init.zeros_(mapper.encoder.onset.bias)
    return mapper.eval()


def random_score(beats: int, seed: int = 0) -> Score:
    """Noise as loud as music: on the scale of a log-mel."""
    rng = np.random.default_rng(seed)
    positions = beats * 12
    return Score(
        patches=rng.normal(-1, 0.3, (positions, PATCH)).astype(np.float32),
        phases=np.arange(positions) % 48,
        tempos=np.full(positions, 1.2, np.float32),
    )
