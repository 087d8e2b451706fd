"""Put a trained mapper or placer into the package: ONNX to run, safetensors to train on from.

python -m beatheritage.train.publish --run runs/mapper
"""

import argparse
import json
import os
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from beatheritage.engine.weights import MANIFEST, WEIGHTS, make_manifest
from beatheritage.model.export import export_mapper
from beatheritage.model.mapper import Mapper, MapperConfig
from beatheritage.model.placer_export import export_placer
from beatheritage.train.native import native_config
from beatheritage.train.placer import TENSORS, read_placer, write_placer


def publish_mapper(run: Path, folder: Path = WEIGHTS) -> None:
    """Round a run's averaged weights to half precision, and write them in both forms.

    Both hold the same rounded numbers, so that engines agree.
    """
    trained = MapperConfig.read(json.loads((run / "config.json").read_text("utf-8")))
    # Shares are tuned, not trained: those of today hold, whatever the run began with.
    mapper = Mapper(replace(trained, shares=native_config().shares))
    halves = {name: each.half() for name, each in load_file(run / "mapper.safetensors").items()}
    mapper.load_state_dict({name: each.float() for name, each in halves.items()})
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        export_mapper(mapper, made / "mapper_encoder.onnx", made / "mapper_decoder.onnx")
        save_file(halves, made / "mapper.safetensors")
        (made / "mapper.json").write_text(
            json.dumps(asdict(mapper.config), indent=1) + "\n", "utf-8"
        )
        _replace_files(made, folder)


def publish_placer(run: Path, folder: Path = WEIGHTS) -> None:
    """As ``publish_mapper``, for a placer's run, which holds half precision already."""
    placer, codebook = read_placer(run)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        export_placer(placer, made)
        write_placer(placer, codebook, made)
        _replace_files(made, folder)


def _replace_files(made: Path, folder: Path) -> None:
    """Move finished files into a folder of weights, each whole or not at all."""
    for file in sorted(made.iterdir()):
        shutil.copy(file, folder / f"{file.name}.part")
        os.replace(folder / f"{file.name}.part", folder / file.name)
    (folder / MANIFEST).write_text(make_manifest(folder), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Put a trained mapper or placer into the package.")
    parser.add_argument("--run", type=Path, required=True)
    torch.set_num_threads(1)
    run = parser.parse_args().run
    (publish_placer if (run / TENSORS).is_file() else publish_mapper)(run)


if __name__ == "__main__":
    main()
