"""A timing in plain values, for programs to read."""

from typing import Any

from beatheritage.audio.song import Song
from beatheritage.timing.grid import Timing


def describe(song: Song, timing: Timing) -> dict[str, Any]:
    """A timing as plain values: lines, confidence, runner-up tempos in BPM, warnings."""
    lines = [
        {"time": line.time, "bpm": round(line.bpm, 4), "meter": line.meter} for line in timing.lines
    ]
    return {
        "bpm": lines[0]["bpm"],
        "offset": lines[0]["time"],
        "meter": lines[0]["meter"],
        "lines": lines,
        "confidence": round(timing.confidence, 3),
        "runners_up": [round(bpm, 3) for bpm in timing.runners_up],
        "warnings": list(dict.fromkeys((*song.warnings, *timing.warnings))),
    }
