"""Find a song's tempo, offset, meter and changes, and how sure we are of them."""

import argparse
import json
from pathlib import Path

from beatheritage.commands.console import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", metavar="AUDIO", help="mp3, ogg, opus, flac, wav")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no remarks")


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.audio.decode import read_song
    from beatheritage.engine.onnx import OnnxBeats
    from beatheritage.engine.weights import weight_file
    from beatheritage.timing.describe import describe
    from beatheritage.timing.fit import find_timing

    song = read_song(Path(arguments.audio))
    timing = find_timing(song, OnnxBeats(weight_file("beats.onnx")))
    result = describe(song, timing)
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for line in result["lines"]:
        print(f"{line['time']:>10.0f} ms  {line['bpm']:>8.3f} BPM  {line['meter']}/4")
    runners_up = ", ".join(f"{bpm:g}" for bpm in result["runners_up"]) or "none"
    print(f"confidence {result['confidence']:.2f}, runner-up tempos: {runners_up}")
    for warning in result["warnings"]:
        say(f"warning: {warning}", quiet=arguments.quiet)
    return 0
