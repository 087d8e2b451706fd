"""The beat head's weights: to train on from, and to run without torch."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from beatheritage.model.beats import BeatHead

OPSET = 17
EXAMPLE_FRAMES = 512


class _Activations(nn.Module):
    """The head with a sigmoid at its end, for one song."""

    def __init__(self, head: BeatHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, mel_BTF: Tensor) -> Tensor:
        return torch.sigmoid(self.head(mel_BTF))


def export(head: BeatHead, folder: Path) -> None:
    """Write ``beats.safetensors`` and ``beats.onnx`` (any number of frames) to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    head = head.eval()
    # Half precision keeps the download small; it is as good a place to train on from.
    halves = {name: value.half() for name, value in head.state_dict().items()}
    _replace(folder / "beats.safetensors", lambda path: save_file(halves, path))
    example_BTF = torch.zeros(1, EXAMPLE_FRAMES, head.config.bands)

    def write_onnx(path: Path) -> None:
        torch.onnx.export(
            _Activations(head),
            (example_BTF,),
            path,
            input_names=["mel"],
            output_names=["activations"],
            dynamic_axes={"mel": {1: "frames"}, "activations": {1: "outputs"}},
            opset_version=OPSET,
            dynamo=False,
        )

    _replace(folder / "beats.onnx", write_onnx)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    unfinished = path.with_name(path.name + ".part")
    write(unfinished)
    unfinished.replace(path)
