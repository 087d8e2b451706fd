"""What a video's headers say: its size, and whether it has sound. MP4, QuickTime, AVI and FLV."""

from collections.abc import Iterator
from dataclasses import dataclass

_CONTAINERS = (b"moov", b"trak", b"mdia")
_FLV_AUDIO = 0x04
_FIXED_POINT = 16  # bits after the point in a track header's sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """Pixels, 0 where the headers do not say."""

    width: int = 0
    height: int = 0
    has_audio: bool = False


def video_facts(data: bytes) -> VideoFacts | None:
    """None for what is none of the formats known here."""
    if data[4:8] in (b"ftyp", b"moov", b"wide", b"mdat"):
        return _mp4(data)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return _avi(data)
    if data[:3] == b"FLV":
        return VideoFacts(has_audio=bool(data[4] & _FLV_AUDIO)) if len(data) > 4 else None
    return None


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box (ISO 14496-12), those inside others too."""
    while at + 8 <= end:
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if size == 0 else min(at + size, end)
        if stop < at + head:
            return
        yield name, at + head, stop
        if name in _CONTAINERS:
            yield from _boxes(data, at + head, stop)
        at = stop


def _mp4(data: bytes) -> VideoFacts:
    width = height = 0
    has_audio = False
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"tkhd":
            # The last eight bytes of a track header are its size.
            sizes = data[max(start, end - 8) : end]
            width = max(width, int.from_bytes(sizes[:4], "big") >> _FIXED_POINT)
            height = max(height, int.from_bytes(sizes[4:], "big") >> _FIXED_POINT)
        elif name == b"hdlr":
            has_audio |= data[start + 8 : start + 12] == b"soun"
    return VideoFacts(width=width, height=height, has_audio=has_audio)


def _avi(data: bytes) -> VideoFacts:
    main = data.find(b"avih", 0, 1 << 12)
    if main < 0:
        return VideoFacts()
    # Width and height are the ninth and tenth numbers of the main header.
    sizes = data[main + 8 + 32 : main + 8 + 40]
    width, height = (int.from_bytes(part, "little") for part in (sizes[:4], sizes[4:]))
    has_audio = b"auds" in data[main : main + (1 << 13)]
    return VideoFacts(width=width, height=height, has_audio=has_audio)
