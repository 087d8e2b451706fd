"""The command line: finds the command, runs it, and says in one line what went wrong.

A command is a module of ``beatheritage.commands`` with ``add_arguments(parser)`` and
``run(arguments) -> exit code``; it is imported when it is asked for, so that help comes at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from beatheritage import __version__
from beatheritage.config import nearest
from beatheritage.errors import OptionError, UserError

COMMANDS = {
    "generate": "write a beatmap for a song",
    "spread": "write a whole set for a song, from easy to hard",
    "batch": "write a whole set for every song of a folder",
    "check": "find what osu!'s own quality tools would say about a map",
    "repair": "mend what check finds, and nothing else",
    "refine": "place a map's objects anew by osu-diffusion",
    "timing": "find the tempo, offset and meter of a song",
    "serve": "open the studio in the browser",
    "train": "train a model by a recipe",
    "reproduce": "train a small mapper on made-up songs",
    "finetune": "tune the native models on your own maps",
    "dataset": "build a data set to train on, or see what is in one",
    "evaluate": "measure quality on songs that no model has heard",
    "convert": "turn a checkpoint with pickles into safetensors",
    "doctor": "see whether everything that is needed works here",
    "inference": "take the arguments of Mapperatorinator and BeatHeritage V1",
}
# What shells expect: 128 and the number of the signal, of Ctrl-C and of a pipe that nobody reads.
INTERRUPTED, UNREAD = 130, 141


class Parser(argparse.ArgumentParser):
    """Raises an OptionError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        raise OptionError(message, mend=f"see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return run_to_end(words)
    except UserError as error:
        one_line = " ".join(str(error).split())
        print(f"error: {one_line}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; nothing was left half written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read, such as head, had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD


def run_to_end(words: Sequence[str]) -> int:
    try:
        return run(words)
    finally:
        sys.stdout.flush()


def run(words: Sequence[str]) -> int:
    if not words or words[0] not in COMMANDS:
        return run_without_command(words)
    command = import_module(f"beatheritage.commands.{words[0]}")
    parser = Parser(
        prog=f"beatheritage {words[0]}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    return command.run(parser.parse_intermixed_args(list(words[1:])))


def run_without_command(words: Sequence[str]) -> int:
    """Help, the version, or an error that names the nearest command."""
    listed = "\n".join(f"  {name:<11}{purpose}" for name, purpose in COMMANDS.items())
    parser = Parser(
        prog="beatheritage",
        usage="beatheritage COMMAND ...",
        description=f"A song goes in, an osu! beatmap comes out.\n\ncommands:\n{listed}",
        epilog="beatheritage COMMAND --help tells what a command takes.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"beatheritage {__version__}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    command = parser.parse_known_args(words)[0].command
    if command is None:
        parser.print_help()
        return 0
    raise OptionError(f"there is no command {command!r}", mend=nearest(command, tuple(COMMANDS)))


if __name__ == "__main__":
    sys.exit(main())
