"""Which files a set holds, and how they are named."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from beatheritage.review.issue import Finding, Group, Scope, Severity, problem, warning
from beatheritage.review.rule import CRITERIA, VERIFIER, MapRule, Rule, SetRule, lazer
from beatheritage.review.samples import SOUND_SUFFIXES, without_suffix
from beatheritage.review.skin import is_skin_element
from beatheritage.review.storyboard import shown
from beatheritage.review.subject import MapSubject, SetSubject

MOST_NAME_LETTERS = 130
HITSOUND_NAMES = ("hitsound", "hitsounds", "hs", "keysound", "keysounds")
# What Windows does not take; osu! leaves these letters out of a file's name.
_LEFT_OUT = frozenset('<>:"/\\|?*')


def empty_difficulty(subject: MapSubject) -> Iterator[Finding]:
    """A difficulty without objects."""
    if not subject.objects:
        yield problem("there are no objects")


def hitsound_difficulty(subject: MapSubject) -> Iterator[Finding]:
    """A difficulty that only carries hitsounds for the others."""
    if subject.beatmap.metadata.version.strip().casefold() in HITSOUND_NAMES:
        yield problem("is named as a difficulty that only carries hitsounds")


def zero_bytes(subject: SetSubject) -> Iterator[Finding]:
    """A file without content; osu!'s site refuses the set."""
    for name in subject.files.names if subject.files else ():
        assert subject.files is not None
        if not subject.files.size(name):
            yield problem(f"{name!r} is empty")


def unused_files(subject: SetSubject) -> Iterator[Finding]:
    """A file that nothing in the set uses."""
    if subject.files is None:
        return
    used = _used_names(subject)
    for name in subject.files.names:
        folded = name.casefold()
        if folded.endswith((".osu", ".osb")) or folded in used:
            continue
        if without_suffix(name) in used or is_skin_element(PurePosixPath(folded)):
            continue
        yield problem(f"nothing uses {name!r}")


def _used_names(subject: SetSubject) -> set[str]:
    """Case-folded names, those of sounds without their suffixes."""
    used = set(subject.used_samples)
    for one in subject.maps:
        beatmap = one.beatmap
        names = (beatmap.general.audio_filename, beatmap.events.background, beatmap.events.video)
        used.update(name.casefold() for name in names if name)
    for name, _, is_sound in shown(subject):
        folded = name.casefold()
        used.add(without_suffix(folded) if is_sound or folded.endswith(SOUND_SUFFIXES) else folded)
        if not PurePosixPath(folded).suffix:  # osu! finds pictures without their suffix
            used.update(f"{folded}{suffix}" for suffix in (".png", ".jpg", ".jpeg"))
    return used


def update_validity(subject: SetSubject) -> Iterator[Finding]:
    """A .osu file that is not named as osu! names it, or whose name is too long to be updated."""
    for index, one in enumerate(subject.maps):
        if subject.files is None or not one.name:
            continue
        name = PurePosixPath(one.name).name
        wanted = file_name(one)
        if name.casefold() != wanted.casefold():
            yield warning(f"the file is named {name!r}, osu! would name it {wanted!r}", of=index)
        if len(name) > MOST_NAME_LETTERS:
            yield warning(f"the file's name has {len(name)} letters", of=index)


def file_name(subject: MapSubject) -> str:
    """What osu! calls a difficulty's file."""
    one = subject.beatmap.metadata
    text = f"{one.artist} - {one.title} ({one.creator}) [{one.version}].osu"
    return "".join(letter for letter in text if letter not in _LEFT_OUT)


RULES: tuple[Rule, ...] = (
    MapRule(
        name="EmptyDifficultyFile",
        group=Group.FILES,
        judge=empty_difficulty,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="HitsoundDiff",
        group=Group.FILES,
        judge=hitsound_difficulty,
        severities=(Severity.PROBLEM,),
        thresholds=("HITSOUND_NAMES",),
        sources=(VERIFIER,),
    ),
    SetRule(
        name="UnusedFiles",
        group=Group.FILES,
        judge=unused_files,
        scope=Scope.SET,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, CRITERIA),
    ),
    SetRule(
        name="UpdateValidity",
        group=Group.FILES,
        judge=update_validity,
        scope=Scope.SET,
        severities=(Severity.WARNING,),
        thresholds=("MOST_NAME_LETTERS",),
        sources=(VERIFIER,),
    ),
    SetRule(
        name="ZeroBytes",
        group=Group.FILES,
        judge=zero_bytes,
        scope=Scope.SET,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, lazer("ZeroByteFiles"), CRITERIA),
    ),
)
