"""See what is installed, which device is used and whether the weights are sound.

Exits with 1 when something that a map needs would fail.
"""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from beatheritage.errors import UserError, WeightsError

OLDEST_PYTHON = (3, 11)
NEEDED = (
    "numpy",
    "onnxruntime",
    "soundfile",
    "soxr",
    "rosu-pp-py",
    "PyYAML",
    "rich",
    "tinytag",
    "Pillow",
)
OPTIONAL = {"torch": "only for training"}


class Finding(NamedTuple):
    """``well`` is None where something optional is absent."""

    what: str
    well: bool | None
    told: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights", metavar="DIR", type=Path, help="look at another weights folder"
    )


def run(arguments: argparse.Namespace) -> int:
    marks = {True: "ok", False: "FAIL", None: "-"}
    findings = list(examine(arguments.weights))
    for finding in findings:
        print(f"{marks[finding.well]:<5}{finding.what:<14}{finding.told}")
    return int(any(finding.well is False for finding in findings))


def examine(weights: Path | None = None) -> Iterator[Finding]:
    """Everything that a map needs, one after the other."""
    current = sys.version_info >= OLDEST_PYTHON
    yield Finding("Python", current, f"{platform.python_version()} on {platform.platform()}")
    for name in NEEDED:
        found = installed(name)
        yield Finding(name, bool(found), found or "is not installed: pip install beatheritage")
    for name, purpose in OPTIONAL.items():
        found = installed(name)
        yield Finding(name, True if found else None, found or f"is not installed ({purpose})")
    yield attempt("device", name_device)
    yield attempt("audio", name_decoder)
    yield attempt("rosu-pp", rate_a_map)
    ffmpeg = shutil.which("ffmpeg")
    absent = "is not on the PATH (only m4a and damaged Ogg files need it)"
    yield Finding("ffmpeg", True if ffmpeg else None, ffmpeg or absent)
    yield from examine_weights(weights)


def installed(name: str) -> str:
    """A package's version, empty if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def attempt(what: str, check: Callable[[], str]) -> Finding:
    """A finding from a check that raises where something is wrong."""
    try:
        return Finding(what, True, check())
    except (ImportError, OSError, UserError, RuntimeError) as error:
        return Finding(what, False, f"{type(error).__name__}: {error}")


def name_device() -> str:
    import onnxruntime

    if "CPUExecutionProvider" not in onnxruntime.get_available_providers():
        raise RuntimeError("ONNX Runtime offers no CPU")
    return f"CPU, {os.cpu_count()} cores, ONNX Runtime {onnxruntime.__version__}"


def name_decoder() -> str:
    import soundfile

    formats = soundfile.available_formats()
    if "MP3" not in formats:
        raise RuntimeError(f"libsndfile {soundfile.__libsndfile_version__} cannot read mp3")
    return f"libsndfile {soundfile.__libsndfile_version__}"


def rate_a_map() -> str:
    """Rate two circles, so that a broken rosu-pp shows."""
    from beatheritage.osu.beatmap import Beatmap, Circle, RedLine
    from beatheritage.osu.stars import count_objects, stars

    beatmap = Beatmap(
        timing_points=(RedLine(time=0, beat_length=400),),
        objects=(Circle(time=400, x=100, y=100), Circle(time=600, x=400, y=300)),
    )
    if count_objects(beatmap).circles != len(beatmap.objects) or stars(beatmap) <= 0:
        raise RuntimeError("rosu-pp does not see a map of two circles")
    return "rates maps"


def examine_weights(folder: Path | None) -> Iterator[Finding]:
    """Each weight file of the manifest against its hash."""
    try:
        from beatheritage.engine.weights import WEIGHTS, read_manifest, weight_file
    except ImportError:  # of what an earlier finding has named
        return
    folder = folder or WEIGHTS
    try:
        names = read_manifest(folder)
    except WeightsError as error:
        yield Finding("weights", False, str(error))
        return
    if not names:
        yield Finding("weights", False, f"{folder}: the manifest names none")
    for name in names:
        try:
            size = weight_file(name, folder).stat().st_size
            yield Finding("weights", True, f"{name}, {size / 1e6:.1f} MB")
        except WeightsError as error:
            yield Finding("weights", False, str(error))
