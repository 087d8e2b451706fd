"""Log-mels of training songs, computed once and kept on disk.

python -m beatheritage.dataset.mels --data ../shared/data/train --cache runs/mel
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import log_mel
from beatheritage.errors import InputError


def cached_mel(audio: Path, song_id: str, cache: Path) -> np.ndarray:
    """Log-mel of a song, float16 (frames, bands), read from ``cache`` or computed and put there.

    It is mapped into memory, not loaded. Raises InputError where the song cannot be decoded.
    """
    path = cache / f"{song_id}.npy"
    if not path.exists():
        mel = log_mel(read_song(audio).samples).astype(np.float16)
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.save(file, mel)
        unfinished.replace(path)
    return np.load(path, mmap_mode="r")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compute the log-mels of all songs.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    for audio in sorted(options.data.glob("*/audio.*")):
        try:
            cached_mel(audio, audio.parent.name, options.cache)
        except InputError as error:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
