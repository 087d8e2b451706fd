"""The models that a page may choose: which are here, how large they are, and their downloads."""

import json
import threading
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from beatheritage.engine.hub import FILES, KNOWN, cached_checkpoint, fetch
from beatheritage.engine.weights import WEIGHTS
from beatheritage.errors import OptionError, UserError, WeightsError
from beatheritage.generate.styles import WORDS
from beatheritage.osu.mode import Mode

BYTES_PER_PARAMETER = 4
TOKENIZER = FILES[0]
NEEDED = ("torch", "safetensors", "huggingface_hub")
EXTRA = "pip install 'beatheritage[torch]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """``name`` is the option's word, empty for our own; ``parameters`` count the full-size one."""

    name: str
    title: str
    parameters: int = 0
    modes: tuple[Mode, ...] = tuple(Mode)


MODELS = (
    Model(name="", title="BeatHeritage (native)"),
    Model(
        name="beatheritage_v1",
        title="BeatHeritage V1 (Enhanced stability & quality)",
        parameters=342_785_188,
    ),
    Model(name="v28", title="Mapperatorinator V28", parameters=55_130_112),
    Model(name="v29", title="Mapperatorinator V29", parameters=216_129_024),
    Model(name="v30", title="Mapperatorinator V30", parameters=212_393_380, modes=(Mode.STD,)),
    Model(name="v31", title="Mapperatorinator V31", parameters=215_208_868),
    Model(name="v32", title="Mapperatorinator V32", parameters=213_360_384),
    Model(name="v32_mini", title="Mapperatorinator V32-mini", parameters=53_683_712),
)


def model_named(name: str) -> Model:
    """Raises OptionError for one that a page cannot choose: a path is none of its business."""
    for model in MODELS:
        if model.name == name:
            return model
    names = ", ".join(model.name for model in MODELS if model.name)
    raise OptionError(f"there is no model {name!r}", mend=f"one of {names}")


def folder_of(name: str, mode: Mode) -> Path:
    """Where an ancestor's weights are. Raises WeightsError where they are not here."""
    folder = cached_checkpoint(name, int(mode))
    if folder is None:
        raise WeightsError("its weights are not here", where=name, mend="download them first")
    return folder


def check_model(name: str, mode: Mode) -> None:
    """Raise what stands against writing a mode by a model (OptionError, WeightsError)."""
    model = model_named(name)
    if mode not in model.modes:
        written = ", ".join(each.name.lower() for each in model.modes)
        raise OptionError(f"{model.title} writes {written} alone", mend="choose another model")
    if name:
        folder_of(name, mode)


@dataclass(slots=True, kw_only=True)
class Download:
    """How far one is; ``error`` says why it ended early."""

    done: int = 0
    total: int = 0
    runs: bool = True
    error: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


class Stopped(Exception):
    """A person wants no more of a download; what has come of it stays for the next."""


class Downloads:
    """One at a time for each model, in threads. ``endpoint`` is another hub than the usual one."""

    def __init__(self, endpoint: str | None = None) -> None:
        self.endpoint = endpoint
        self._known: dict[str, Download] = {}
        self._lock = threading.Lock()

    def start(self, name: str, mode: Mode) -> None:
        """Raises OptionError for what is no model, or needs no download."""
        if not model_named(name).name:
            raise OptionError("the native model is always here")
        if why := missing():
            raise OptionError(why, mend=EXTRA)
        with self._lock:
            if name in self._known and self._known[name].runs:
                return
            download = self._known[name] = Download()
        threading.Thread(target=self._run, args=(name, mode, download), daemon=True).start()

    def stop(self, name: str) -> None:
        if (download := self._known.get(name)) is not None:
            download.stop.set()

    def of(self, name: str) -> Download | None:
        return self._known.get(name)

    def _run(self, name: str, mode: Mode, download: Download) -> None:
        def on_bytes(done: int, total: int) -> None:
            if download.stop.is_set():
                raise Stopped
            download.done, download.total = done, total

        try:
            fetch(KNOWN[name], "main", int(mode), self.endpoint, on_bytes)
        except Stopped:
            pass
        except UserError as error:
            download.error = str(error)
        finally:
            download.runs = False


def missing() -> str:
    """What ancestors' models need that is not installed; nothing where all is."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    return f"needs {', '.join(lacking)}" if lacking else ""


def shown(model: Model, mode: Mode, downloads: Downloads) -> dict[str, Any]:
    """A model as the page lists it; ``bytes`` is about right for what is not here yet."""
    folder = cached_checkpoint(model.name, int(mode)) if model.name else WEIGHTS
    download = downloads.of(model.name)
    return {
        "name": model.name,
        "title": model.title,
        "here": folder is not None,
        "bytes": _size(folder) if folder else model.parameters * BYTES_PER_PARAMETER,
        "modes": [each.name.lower() for each in model.modes],
        "lacks": missing() and f"{missing()}: {EXTRA}" if model.name else "",
        "downloading": (
            {"done": download.done, "total": download.total} if download and download.runs else None
        ),
        "error": download.error if download else "",
        "descriptors": _descriptors(model, folder, mode),
    }


def _descriptors(model: Model, folder: Path | None, mode: Mode) -> tuple[str, ...]:
    """The words for a style that a model knows; of one that is not here, nobody can say."""
    if not model.name:
        return WORDS
    return _trained_with(folder, mode) if folder else ()


@cache
def _trained_with(folder: Path, mode: Mode) -> tuple[str, ...]:
    own = folder / f"gamemode={int(mode)}"
    file = (own if own.is_dir() else folder) / TOKENIZER
    known = json.loads(file.read_text("utf-8"))
    return tuple(sorted(known.get("descriptor_idx", ())))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
