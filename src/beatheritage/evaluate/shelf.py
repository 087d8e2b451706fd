"""What was worked out before, kept as JSON files: an interrupted run goes on, a second is instant.

An answer is kept under its question, the weights, and the code that it came from. Where one of them
changes, it is worked out anew; code that has no part in it may change.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from beatheritage.engine.weights import WEIGHTS
from beatheritage.evaluate.writers import SHIPPED, Writer
from beatheritage.osu.archive import write_file

PACKAGE = Path(__file__).parent.parent

What = Literal["timing", "map", "set", "row", "people", "repeats", "formats", "performance"]

_LISTENING = ("audio", "engine")
_GRID = ("timing/grid.py", "timing/lead.py", "timing/score.py")
# Generation ends with a review of the map.
_WRITING = (*_LISTENING, *_GRID, "generate", "osu", "review", "tokens")
_JUDGING = (
    "evaluate/judged.py",
    "evaluate/outcome.py",
    "evaluate/rhythm.py",
    "evaluate/validity.py",
)
_ALL = (*_WRITING, "timing")
# A map hangs on how its timing was found only through the red lines, which are in its question.
MADE_BY: Mapping[What, tuple[str, ...]] = {
    "timing": (*_LISTENING, "timing"),
    "map": _WRITING,
    "set": _WRITING,
    "row": (*_WRITING, *_JUDGING),
    "people": ("osu", "review", "timing/grid.py", "evaluate/judged.py"),
    "repeats": ("audio", "timing/grid.py", "evaluate/rhythm.py", "evaluate/likeness/repeats.py"),
    "formats": (*_ALL, "evaluate/formats.py", "evaluate/rhythm.py"),
    "performance": (*_ALL, "commands/generate.py"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """``makers`` names, for each kind of answer, the weights and the code that it comes from."""

    folder: Path
    makers: Mapping[What, str]

    def kept(
        self, what: What, question: Mapping[str, Any], answer: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """The answer kept for a question, worked out where there is none or none that is whole."""
        try:
            return json.loads(self._path(what, question).read_text("utf-8"))
        except (OSError, ValueError):
            found = answer()
        self.put(what, question, found)
        return found

    def put(self, what: What, question: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep an answer, in place of another."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(answer, ensure_ascii=False)
        write_file(self._path(what, question), text.encode())

    def _path(self, what: What, question: Mapping[str, Any]) -> Path:
        text = json.dumps([what, self.makers[what], question], sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def open_shelf(folder: Path, writer: Writer = SHIPPED) -> Shelf:
    """The shelf of a writer's weights and of the code that is here now. A checkpoint answers to its
    name too, and to what its folder says of itself where it is one."""
    weights = weights_key(writer.folder)
    if writer.checkpoint:
        weights += writer.checkpoint + weights_key(Path(writer.checkpoint))
    makers: dict[What, str] = {what: weights + code_key(parts) for what, parts in MADE_BY.items()}
    return Shelf(folder=folder, makers=makers)


def weights_key(folder: Path = WEIGHTS) -> str:
    """Twelve digits that name the weights: a hash of what the folder says of itself."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def code_key(parts: Iterable[str], package: Path = PACKAGE) -> str:
    """A hash of the code of modules and folders of modules; comments and layout do not count."""
    digest = hashlib.sha256()
    for part in parts:
        path = package / part
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(_meaning(file.read_text("utf-8")))
    return digest.hexdigest()[:12]


@cache
def _meaning(code: str) -> bytes:
    """Code without its comments and layout; parts of the package share most of their files."""
    return ast.dump(ast.parse(code)).encode()
