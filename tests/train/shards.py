"""A small folder of shards, for tests."""

import io
import json
from pathlib import Path

import numpy as np
import soundfile

from beatheritage.dataset.rows import Chart, SongRow
from beatheritage.dataset.shards import INDEX, write_shard
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write
from tests.train.learners import circles


def write_shards(folder: Path) -> Path:
    """One song of noise with two charts to learn from, one to measure on."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for number, split in enumerate(("training", "validation")):
        sound = io.BytesIO()
        noise = np.random.default_rng(number).normal(0, 0.1, 20 * 16_000)
        soundfile.write(sound, noise, 16_000, format="WAV")
        charts = tuple(
            Chart(name=f"{index}", osu=write(circles(index)), mode=Mode.STD, stars=(1, 2, 3, 4))
            for index in range(2)
        )
        row = SongRow(
            id=f"song{number}", name="song", codec="wav", audio=sound.getvalue(), charts=charts
        )
        write_shard(folder / f"{split}.parquet", [row])
        listed.append({"file": f"{split}.parquet", "split": split, "songs": [row.id]})
    (folder / INDEX).write_text(json.dumps({"format": 1, "shards": listed}))
    return folder
