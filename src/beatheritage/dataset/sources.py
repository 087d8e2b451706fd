"""What lies in the folders, archives and files that a data set is built from."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from beatheritage.audio.container import SUFFIXES
from beatheritage.dataset.bundle import Bundle, File, Survey, chart_and_sound_files, suffix
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.content import Entry, Whole
from beatheritage.dataset.layouts import find_mmrs, find_ors, find_web, is_mmrs, is_ors, is_web
from beatheritage.errors import InputError
from beatheritage.osu.archive import read_archive

ARCHIVES = frozenset([".osz"])
MANIFEST = "manifest.csv"


def survey(sources: Sequence[Path]) -> Survey:
    """Every bundle of the sources, in an order that the names give.

    Raises InputError for a source that is not there, is no data, or has the name of another.
    """
    found: dict[str, Survey] = {}
    for source in sources:
        name = source.resolve().name
        if name in found:
            what = f"has the name of another source, {name!r}, by which songs are told apart"
            raise InputError(what, where=str(source), mend="rename one")
        found[name] = _survey_source(source, name)
        if not found[name].bundles and not found[name].skipped:
            mend = "folders of songs, .osz, or the ancestors' data sets (docs/training.md)"
            raise InputError("holds no charts", where=str(source), mend=mend)
    bundles = chain.from_iterable(one.bundles for one in found.values())
    skipped = chain.from_iterable(one.skipped for one in found.values())
    return Survey(tuple(bundles), tuple(skipped))


def _survey_source(source: Path, name: str) -> Survey:
    if source.is_file():
        beside = (path.name for path in source.parent.iterdir() if suffix(path.name) in SUFFIXES)
        return _collected(_files(source.parent, [source.name, *sorted(beside)], name))
    if not source.is_dir():
        raise InputError("there is no such file or folder", where=str(source))
    for is_one, find in ((is_mmrs, find_mmrs), (is_ors, find_ors), (is_web, find_web)):
        if is_one(source):
            return find(source, name)
    return _collected(_walk(source, name))


def _walk(source: Path, name: str) -> Iterator[Bundle | Skipped]:
    manifests = {source.parent: _manifest(source.parent)}
    closed: list[OSError] = []
    for folder, folders, files in os.walk(source, onerror=closed.append):
        folders.sort()
        here = Path(folder)
        manifests[here] = _manifest(here)
        inner = "/".join((name, *here.relative_to(source).parts))
        listed = manifests[here.parent].get(here.name, {})
        for one in _files(here, sorted(files), inner):
            yield _told(one, listed) if isinstance(one, Bundle) else one
    for error in closed:
        yield Skipped(name=str(error.filename), reason=f"cannot be opened: {error.strerror}")


def _files(folder: Path, names: Sequence[str], name: str) -> Iterator[Bundle | Skipped]:
    """The bundle that a folder itself is, and those of its archives."""
    files = [File(one, Whole(path=folder / one)) for one in names]
    charts, sounds = chart_and_sound_files(files)
    if charts:
        yield Bundle(name=name, charts=charts, sounds=sounds)
    for one in names:
        if suffix(one) in ARCHIVES:
            yield _archive(folder / one, f"{name}/{one}")


def _archive(path: Path, name: str) -> Bundle | Skipped:
    try:
        names = read_archive(path).names
    except InputError as error:
        return Skipped(name=name, reason=error.what)
    charts, sounds = chart_and_sound_files([File(one, Entry(path=path, name=one)) for one in names])
    if not charts:
        return Skipped(name=name, reason="an archive without charts")
    return Bundle(name=name, charts=charts, sounds=sounds)


def _manifest(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """What a folder's list says of the song folders in it, by their names."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file) if row.get("id")}


def _told(bundle: Bundle, row: Mapping[str, str]) -> Bundle:
    return replace(bundle, **{key: row.get(key, "") for key in ("artist", "title", "licence")})


def _collected(found: Iterator[Bundle | Skipped]) -> Survey:
    listed = list(found)
    bundles = tuple(one for one in listed if isinstance(one, Bundle))
    return Survey(bundles, tuple(one for one in listed if isinstance(one, Skipped)))
