"""Checkpoints by name: those that are known, and any on the Hugging Face hub.

What was downloaded stays in the hub's cache, which other programs share; with ``HF_HUB_OFFLINE=1``
nothing else is looked for. A download that breaks off goes on where it was, a few times; a file is
there whole or not at all, and files that came whole aren't asked for again.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from beatheritage.config import nearest
from beatheritage.errors import WeightsError

KNOWN = {
    "v28": "OliBomby/Mapperatorinator-v28",
    "v29": "OliBomby/Mapperatorinator-v29.1",
    "v30": "OliBomby/Mapperatorinator-v30",
    "v31": "OliBomby/Mapperatorinator-v31",
    "v32": "OliBomby/Mapperatorinator-v32",
    "v32_mini": "OliBomby/Mapperatorinator-v32-mini",
    "beatheritage_v1": "hongminh54/BeatHeritage-v1",
}
KNOWN_PLACERS = {
    "osu_diffusion_v2": "OliBomby/osu-diffusion-v2",
    "beatheritage_diffusion_v2": "hongminh54/osu-diffusion-v2",
}
FILES = ("tokenizer.json", "config.json", "model.safetensors")
PICKLES = ("tokenizer.pkl", "model_ema.pkl")  # as osu-diffusion's authors left theirs
SILENCE_SECONDS = 30.0

OnBytes = Callable[[int, int], None]
"""Hears how many bytes of how many of a file have come; what it raises stops the download."""


class Layout(NamedTuple):
    """One way for a repository to hold a checkpoint: files in a folder of it, the first of which
    tells whether it does."""

    folder: str
    files: tuple[str, ...]


def find_checkpoint(name: str, mode: int, endpoint: str | None = None) -> Path:
    """The folder of a mapper's checkpoint, with the files of the mode's own one where it has one.

    A name is a folder's path, a known name, or HUB/ID, with @REVISION where it must be a certain
    one. ``endpoint`` is another hub than the usual one. Raises WeightsError for what isn't there or
    can't be had.
    """
    return _find(name, KNOWN, _layouts(mode), endpoint)


def find_placer(name: str, endpoint: str | None = None) -> Path:
    """The folder of a checkpoint of osu-diffusion, as ``find_checkpoint``'s."""
    return _find(name, KNOWN_PLACERS, (Layout("", PICKLES), Layout("", FILES)), endpoint)


def cached_checkpoint(name: str, mode: int) -> Path | None:
    """The folder of a known checkpoint, or of one by HUB/ID, that is here whole already; asks no
    hub."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    repository = KNOWN.get(name, name)
    for folder, files in _layouts(mode):
        paths = [try_to_load_from_cache(repository, _path(folder, file)) for file in files]
        if all(isinstance(path, str) for path in paths):
            found = Path(str(paths[0])).parent
            return found.parent if folder else found
    return None


def fetch(
    repository: str,
    revision: str,
    mode: int,
    endpoint: str | None = None,
    on_bytes: OnBytes | None = None,
) -> Path:
    """The folder of a hub's mapper, with the files of the mode's own one where it has one."""
    return _fetch(repository, revision, _layouts(mode), endpoint, on_bytes)


def _layouts(mode: int) -> tuple[Layout, ...]:
    return Layout(f"gamemode={mode}", FILES), Layout("", FILES)


def _path(folder: str, file: str) -> str:
    return f"{folder}/{file}" if folder else file


def _find(
    name: str, known: Mapping[str, str], layouts: Sequence[Layout], endpoint: str | None
) -> Path:
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    repository = known.get(repository.replace("-", "_"), repository)
    if repository.count("/") != 1 or not all(repository.split("/")):
        mend = nearest(name, tuple(known)) or "give a folder, a name, or HUB/ID"
        raise WeightsError(f"there is no model {name!r}", mend=mend)
    return _fetch(repository, revision or "main", layouts, endpoint)


def _fetch(
    repository: str,
    revision: str,
    layouts: Sequence[Layout],
    endpoint: str | None,
    on_bytes: OnBytes | None = None,
) -> Path:
    """The folder of a hub's checkpoint, with the files of the first layout that it has."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
    except ImportError as error:
        what, mend = f"downloading needs {error.name}", "pip install 'beatheritage[torch]'"
        raise WeightsError(what, where=repository, mend=mend) from error

    first = layouts[-1].files[0]
    with _told_plainly(repository):
        there = _answers(repository, first, revision, endpoint)
        said = {"revision": revision, "endpoint": endpoint, "local_files_only": not there}
        if on_bytes is not None:
            said["tqdm_class"] = _counting(on_bytes)

        def download(folder: str, file: str) -> Path:
            try:
                return Path(hf_hub_download(repository, _path(folder, file), **said))
            except LocalEntryNotFoundError as error:
                if there and error.__cause__ is not None:  # it answers, but not with the file
                    raise error.__cause__ from None
                raise

        for folder, files in layouts:
            try:
                found = download(folder, files[0]).parent
            except EntryNotFoundError:  # also one that isn't in the cache, where there is no hub
                continue
            for file in files[1:]:
                try:
                    download(folder, file)
                except EntryNotFoundError as error:
                    raise _lacking(repository, _path(folder, file), there) from error
            return found.parent if folder else found
        raise _lacking(repository, first, there)


def _lacking(repository: str, file: str, there: bool) -> WeightsError:
    if there:
        return WeightsError(f"has no {file}", where=repository, mend="it is no such model")
    mend = "look at the connection, or give a folder"
    return WeightsError("isn't here, and no hub answers", where=repository, mend=mend)


def _counting(on_bytes: OnBytes) -> type:
    """What the hub's client takes for a progress bar, and is none."""
    from tqdm import tqdm

    class Counting(tqdm):
        def __init__(self, **said: Any) -> None:
            super().__init__(**said, file=io.StringIO())

        def update(self, n: float | None = 1) -> bool | None:
            drawn = super().update(n)
            on_bytes(int(self.n), int(self.total or 0))
            return drawn

    return Counting


def _answers(repository: str, file: str, revision: str, endpoint: str | None) -> bool:
    """Whether a hub says anything within a time; where it doesn't, the cache has to do."""
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repository, file, revision=revision, endpoint=endpoint)
    try:
        get_hf_file_metadata(url, timeout=SILENCE_SECONDS, endpoint=endpoint)
    except errors.HfHubHTTPError:
        return True  # it says what is wrong when it is asked for the file
    except (errors.HTTPError, OSError):  # pyright: ignore[reportPrivateImportUsage]
        return False
    return True


@contextmanager
def _told_plainly(repository: str) -> Iterator[None]:
    """What the hub, the network or the disk refuse, in one line."""
    from huggingface_hub import errors

    def refused(what: str, mend: str, error: Exception) -> WeightsError:
        return WeightsError(what, where=repository, mend=mend)

    try:
        yield
    except errors.GatedRepoError as error:
        raise refused("must be asked for", "accept its terms on the hub", error) from error
    except errors.RepositoryNotFoundError as error:
        mend = "look at its name; if it is private, log in with hf auth login"
        raise refused("is not on the hub, or not for you", mend, error) from error
    except errors.RevisionNotFoundError as error:
        raise refused("has no such revision", "leave out @REVISION", error) from error
    except errors.HFValidationError as error:
        raise refused("is no name of a model", str(error), error) from error
    except errors.HfHubHTTPError as error:
        raise refused("the hub refuses it", _first_line(error), error) from error
    except errors.HTTPError as error:  # pyright: ignore[reportPrivateImportUsage]
        mend = "try again: files that came whole are kept"
        raise refused(f"the download broke off, {_first_line(error)}", mend, error) from error
    except OSError as error:
        raise refused("can't be downloaded", _first_line(error), error) from error


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0]
