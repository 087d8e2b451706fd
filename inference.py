"""The command line of Mapperatorinator and BeatHeritage V1, answered by this program."""

import sys

from beatheritage.cli import main

if __name__ == "__main__":
    sys.exit(main(["inference", *sys.argv[1:]]))
