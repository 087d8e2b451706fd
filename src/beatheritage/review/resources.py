"""Backgrounds, videos, storyboard pictures and parts of skins."""

from collections.abc import Iterator

from beatheritage.review.issue import Finding, Group, Scope, Severity, problem, warning
from beatheritage.review.material import ImageFacts
from beatheritage.review.rule import CRITERIA, VERIFIER, JudgeSet, Rule, SetRule, lazer
from beatheritage.review.skin import HD_MARK
from beatheritage.review.storyboard import OVERLAY, shown
from beatheritage.review.subject import SetSubject

BACKGROUND_MOST_PX = (2560, 1440)
BACKGROUND_LEAST_PX = (160, 120)
BACKGROUND_GOOD_PX = (1024, 640)
BACKGROUND_MOST_BYTES = 2_500_000
VIDEO_MOST_PX = (1280, 720)
SPRITE_MOST_AREA = 17_000_000  # square pixels, what osu!stable can draw
MAPS_TOLD = 3  # names in a message


def background_presence(subject: SetSubject) -> Iterator[Finding]:
    """A difficulty without a background, or whose background is missing."""
    if subject.files is None:
        return
    for index, one in enumerate(subject.maps):
        name = one.beatmap.events.background
        if not name:
            yield problem("has no background", of=index)
        elif subject.find(name) is None:
            yield problem(f"the background {name!r} is missing", of=index)


def background_resolution(subject: SetSubject) -> Iterator[Finding]:
    """A background over 2560 x 1440 or 2.5 MB, or so small that it is blurred."""
    wanted = dict.fromkeys(one.beatmap.events.background for one in subject.maps)
    for name in filter(None, map(subject.find, wanted)):
        facts = subject.images.get(name)
        if facts is None:
            yield problem(f"the background {name!r} is no picture that can be read")
            continue
        size = f"{name!r} is {facts.width} x {facts.height}"
        if not _within(facts, BACKGROUND_MOST_PX):
            yield problem(f"{size}, over {_size(BACKGROUND_MOST_PX)}")
        elif not _covers(facts, BACKGROUND_LEAST_PX):
            yield problem(f"{size}, under {_size(BACKGROUND_LEAST_PX)}")
        elif not _covers(facts, BACKGROUND_GOOD_PX):
            yield warning(f"{size}, under {_size(BACKGROUND_GOOD_PX)}")
        if facts.bytes > BACKGROUND_MOST_BYTES:
            yield problem(f"{name!r} has {facts.bytes / 1e6:.1f} MB")


def _within(facts: ImageFacts, size: tuple[int, int]) -> bool:
    return facts.width <= size[0] and facts.height <= size[1]


def _covers(facts: ImageFacts, size: tuple[int, int]) -> bool:
    return facts.width >= size[0] and facts.height >= size[1]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def multiple_video(subject: SetSubject) -> Iterator[Finding]:
    """Different videos in the difficulties of one set."""
    names = {one.beatmap.events.video.casefold() for one in subject.maps}
    if len(names) > 1:
        told = ", ".join(repr(name) if name else "none" for name in sorted(names)[:MAPS_TOLD])
        yield warning(f"the difficulties have different videos: {told}")


def video_offset(subject: SetSubject) -> Iterator[Finding]:
    """A video that begins at another time in another difficulty."""
    offsets: dict[str, set[int]] = {}
    for one in subject.maps:
        if one.beatmap.events.video:
            name = one.beatmap.events.video.casefold()
            offsets.setdefault(name, set()).add(one.beatmap.events.video_offset)
    for name, times in offsets.items():
        if len(times) > 1:
            told = ", ".join(f"{time} ms" for time in sorted(times))
            yield problem(f"{name!r} begins at {told}")


def video_resolution(subject: SetSubject) -> Iterator[Finding]:
    """A video over 1280 x 720, or one that is missing."""
    for index, one in enumerate(subject.maps):
        name = one.beatmap.events.video
        if subject.files is not None and name and subject.find(name) is None:
            yield problem(f"the video {name!r} is missing", of=index)
    most_width, most_height = VIDEO_MOST_PX
    for name, facts in subject.videos.items():
        if facts and (facts.width > most_width or facts.height > most_height):
            size = f"{facts.width} x {facts.height}"
            yield problem(f"{name!r} is {size}, over {_size(VIDEO_MOST_PX)}")


def overlay_layer(subject: SetSubject) -> Iterator[Finding]:
    """A storyboard that draws over the objects."""
    names = [one.name for one in shown(subject) if one.layer == OVERLAY]
    if names:
        yield warning(f"{len(names)} sprites lie over the objects, {names[0]!r} first")


def skin_resolution(subject: SetSubject) -> Iterator[Finding]:
    """A picture for high resolutions without the plain one, or not of twice its size."""
    for name, facts in subject.images.items():
        stem, dot, suffix = name.rpartition(".")
        if not stem.endswith(HD_MARK):
            continue
        plain = subject.find(f"{stem.removesuffix(HD_MARK)}{dot}{suffix}")
        if plain is None:
            yield problem(f"{name!r} has no counterpart without {HD_MARK}")
            continue
        low = subject.images.get(plain)
        if facts and low and not (_halves(facts.width, low.width, facts.height, low.height)):
            yield warning(f"{name!r} is not of twice the size of {plain!r}")


def _halves(wide: int, width: int, high: int, height: int) -> bool:
    """Whether sizes are halves, rounded either way."""
    return abs(wide - 2 * width) <= 1 and abs(high - 2 * height) <= 1


def sprite_resolution(subject: SetSubject) -> Iterator[Finding]:
    """A storyboard's picture too large for osu! to draw."""
    names = {found for one in shown(subject) if (found := subject.find(one.name))}
    for name in sorted(names):
        facts = subject.images.get(name)
        if facts and facts.width * facts.height > SPRITE_MOST_AREA:
            yield problem(f"{name!r} is {facts.width} x {facts.height}")


def _material(name: str, judge: JudgeSet, severities: tuple[Severity, ...], **more) -> SetRule:
    return SetRule(
        name=name,
        group=Group.RESOURCES,
        judge=judge,
        scope=Scope.MATERIAL,
        severities=severities,
        **more,
    )


RULES: tuple[Rule, ...] = (
    _material(
        "BgPresence",
        background_presence,
        (Severity.PROBLEM,),
        sources=(VERIFIER, lazer("BackgroundPresence"), CRITERIA),
    ),
    _material(
        "BgResolution",
        background_resolution,
        (Severity.PROBLEM, Severity.WARNING),
        thresholds=(
            "BACKGROUND_MOST_PX",
            "BACKGROUND_LEAST_PX",
            "BACKGROUND_GOOD_PX",
            "BACKGROUND_MOST_BYTES",
        ),
        sources=(VERIFIER, lazer("BackgroundQuality"), CRITERIA),
    ),
    _material("MultipleVideo", multiple_video, (Severity.WARNING,), sources=(VERIFIER,)),
    _material("OverlayLayer", overlay_layer, (Severity.WARNING,), sources=(VERIFIER,)),
    _material(
        "SkinResolution",
        skin_resolution,
        (Severity.PROBLEM, Severity.WARNING),
        sources=(VERIFIER,),
    ),
    _material(
        "SpriteResolution",
        sprite_resolution,
        (Severity.PROBLEM,),
        thresholds=("SPRITE_MOST_AREA",),
        sources=(VERIFIER,),
    ),
    _material("VideoOffset", video_offset, (Severity.PROBLEM,), sources=(VERIFIER,)),
    _material(
        "VideoResolution",
        video_resolution,
        (Severity.PROBLEM,),
        thresholds=("VIDEO_MOST_PX",),
        sources=(VERIFIER, lazer("VideoResolution"), CRITERIA),
    ),
)
