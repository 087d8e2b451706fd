"""What was worked out before, kept as JSON files: an interrupted run goes on, a second is instant.

An answer is kept under its question and under the maker: the weights and the code that wrote it.
Where either changes, nothing kept before is believed. What is measured of a map hangs on the
judge too: the code that measures.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beatheritage.engine.weights import WEIGHTS
from beatheritage.osu.archive import write_file

PACKAGE = Path(__file__).parent.parent
WRITING = ("audio", "engine", "generate", "osu", "timing", "tokens")
JUDGING = ("evaluate/outcome.py", "evaluate/rhythm.py", "evaluate/validity.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    folder: Path
    maker: str
    judge: str

    def kept(
        self, question: Mapping[str, Any], answer: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """The answer kept for a question, worked out where there is none or none that is whole."""
        try:
            return json.loads(self._path(question).read_text("utf-8"))
        except (OSError, ValueError):
            found = answer()
        self.put(question, found)
        return found

    def put(self, question: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep an answer, in place of another."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(self._path(question), json.dumps(answer, ensure_ascii=False).encode())

    def _path(self, question: Mapping[str, Any]) -> Path:
        text = json.dumps([self.maker, question], sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def open_shelf(folder: Path) -> Shelf:
    """The shelf of the weights and the code that are here now."""
    maker = weights_key() + code_key(WRITING)
    return Shelf(folder=folder, maker=maker, judge=code_key(JUDGING))


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
            digest.update(ast.dump(ast.parse(file.read_text("utf-8"))).encode())
    return digest.hexdigest()[:12]
