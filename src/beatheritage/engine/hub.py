"""Checkpoints by name: those that are known, and any on the Hugging Face hub.

What was downloaded stays in the hub's cache, which other programs share; with ``HF_HUB_OFFLINE=1``
nothing else is looked for. Downloads that broke off go on where they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
FILES = ("tokenizer.json", "config.json", "model.safetensors")
SILENCE_SECONDS = 30.0


def find_checkpoint(name: str, mode: int, endpoint: str | None = None) -> Path:
    """The folder of a checkpoint: a folder's path, a known name, or HUB/ID, with @REVISION where it
    must be a certain one. ``endpoint`` is another hub than the usual one.

    Raises WeightsError for what isn't there or can't be had.
    """
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    repository = KNOWN.get(repository.replace("-", "_"), repository)
    if repository.count("/") != 1 or not all(repository.split("/")):
        mend = nearest(name, tuple(KNOWN)) or "give a folder, a name, or HUB/ID"
        raise WeightsError(f"there is no model {name!r}", mend=mend)
    return fetch(repository, revision or "main", mode, endpoint)


def fetch(repository: str, revision: str, mode: int, endpoint: str | None = None) -> Path:
    """The folder of a hub's checkpoint, with the files of the mode's own one where it has one."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError
    except ImportError as error:
        what, mend = f"downloading needs {error.name}", "pip install 'beatheritage[torch]'"
        raise WeightsError(what, where=repository, mend=mend) from error

    with _told_plainly(repository):
        there = _answers(repository, revision, endpoint)

        def download(file: str) -> Path:
            said = {"revision": revision, "endpoint": endpoint, "local_files_only": not there}
            return Path(hf_hub_download(repository, file, **said))

        for own in (f"gamemode={mode}/", ""):
            try:
                folder = download(own + FILES[0]).parent
            except EntryNotFoundError:  # also one that isn't in the cache, where there is no hub
                continue
            for file in FILES[1:]:
                download(own + file)
            return folder.parent if own else folder
        if not there:
            mend = "look at the connection, or give a folder"
            raise WeightsError("isn't here, and no hub answers", where=repository, mend=mend)
        raise WeightsError(f"has no {FILES[0]}", where=repository, mend="it is no mapper's model")


def _answers(repository: str, revision: str, endpoint: str | None) -> bool:
    """Whether a hub says anything within a time; where it doesn't, the cache has to do."""
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repository, FILES[0], revision=revision, endpoint=endpoint)
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
    except OSError as error:
        raise refused("can't be downloaded", _first_line(error), error) from error


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0]
