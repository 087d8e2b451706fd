"""Turn a checkpoint of Mapperatorinator, BeatHeritage V1 or osu-diffusion into files with nothing
but tensors.

Training leaves pickles, which could run anything; what is written are safetensors and JSON, in the
layout of the Hugging Face hub. Folders inside that are made for one mode (gamemode=N) go along.
"""

import argparse
from pathlib import Path

from beatheritage.errors import OptionError, OutputError, WeightsError

MODE_FOLDERS = "gamemode=[0-3]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", metavar="CKPT", type=Path, help="a checkpoint's folder")
    parser.add_argument("output", metavar="OUT", type=Path, help="the folder to write")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def run(arguments: argparse.Namespace) -> int:
    folder, output = arguments.checkpoint, arguments.output
    if not folder.is_dir():
        raise WeightsError("there is no such folder", where=str(folder))
    if output.resolve() == folder.resolve():
        raise OptionError("OUT must be another folder than CKPT", where=str(output))
    if output.exists() and not arguments.overwrite:
        raise OutputError("exists already", where=str(output), mend="add --overwrite")
    for written in convert(folder, output):
        print(written)
    return 0


def convert(folder: Path, output: Path) -> list[Path]:
    """Convert a checkpoint and those inside it. Raises WeightsError before anything is written."""
    try:
        from beatheritage.model import diffusion_checkpoint as diffusion
        from beatheritage.model.checkpoint import convert_checkpoint, open_checkpoint
    except ImportError as error:
        mend = "pip install 'beatheritage[torch]'"
        raise WeightsError(f"converting needs {error.name}", mend=mend) from error

    if diffusion.is_denoiser(folder):
        diffusion.convert_denoiser(diffusion.open_denoiser(folder), output)
        return [output]
    inner = sorted(path.name for path in folder.glob(MODE_FOLDERS) if path.is_dir())
    checkpoints = {output / name: open_checkpoint(folder / name) for name in ("", *inner)}
    for goal, checkpoint in checkpoints.items():
        convert_checkpoint(checkpoint, goal)
    return list(checkpoints)
