"""What a file's own headers say, read from its bytes: the codec, the promised length, traps.

libsndfile decodes; it does not tell of an MP3 without a LAME header, of a WAV cut short, or why it
refuses an Ogg file. Those facts decide about milliseconds and about clear messages.
"""

from dataclasses import dataclass, replace
from pathlib import Path

HEAD_BYTES = 1 << 16
MP3_DECODER_DELAY = 529  # samples
MP3_DELAY_MS = 1105 * 1000 / 44_100
"""Silence that encoder and decoder put before an MP3 whose LAME header does not say so: LAME's
default of 576 samples and the decoder's 529, at 44.1 kHz."""

SUFFIXES = frozenset(
    [".mp3", ".ogg", ".oga", ".opus", ".flac", ".wav", ".m4a", ".aac", ".aiff", ".webm"]
)
"""How names of audio files end; what one is, its bytes say."""

_MAGIC = (
    (0, b"RIFF", "wav"),
    (0, b"RF64", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"FORM", "aiff"),
    (4, b"ftyp", "m4a"),
    (0, b"\x1aE\xdf\xa3", "webm"),
    (0, b"0&\xb2u", "wma"),
)
NEEDS_FFMPEG = frozenset({"m4a", "webm", "wma", "aac"})
_MP3_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """``codec`` is empty for what is no audio file; ``promised_s`` is 0 where no header says.

    ``delay_known`` is false for an MP3 that does not say how much silence precedes it, ``counted``
    for one that does not say how long it is; ``gap`` is true for an Ogg stream whose time stamps
    jump.
    """

    codec: str
    promised_s: float = 0.0
    delay_known: bool = True
    counted: bool = True
    gap: bool = False


def inspect(path: Path) -> Container:
    """Look at a file's headers. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        skipped = tag_length(head)
        if skipped:
            file.seek(skipped)
            head = file.read(HEAD_BYTES)
    found = _inspect_head(head)
    if found.codec != "opus":
        return found
    return replace(found, gap=_opus_gap(path.read_bytes()))


def identify(data: bytes) -> Container:
    """What ``inspect`` says of a file, from its bytes; gaps are not looked for."""
    skipped = tag_length(data)
    return _inspect_head(data[skipped : skipped + HEAD_BYTES])


def _inspect_head(head: bytes) -> Container:
    for offset, magic, codec in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return Container(codec=codec, promised_s=_wav_seconds(head) if codec == "wav" else 0.0)
    if head[:4] == b"OggS":
        return Container(codec=_ogg_codec(head))
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return Container(codec="aac")
    return _inspect_mp3(head)


def tag_length(head: bytes) -> int:
    """Bytes of the ID3 tag before an MP3's sound."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
    )
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _wav_seconds(head: bytes) -> float:
    """What the ``data`` chunk promises; writers to a pipe put 0 or a very large number there."""
    at, bytes_per_second = 12, 0
    while at + 8 <= len(head):
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt ":
            bytes_per_second = int.from_bytes(head[at + 16 : at + 20], "little")
        if name == b"data":
            known = bytes_per_second > 0 and size < 0x7FFF0000
            return size / bytes_per_second if known else 0.0
        at += 8 + size + size % 2
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mp3Frame:
    length: int
    rate: int
    samples: int
    tag_at: int  # where a Xing or Info tag stands, after the side information


def _mp3_frame(head: bytes, at: int) -> _Mp3Frame | None:
    """The frame header at a byte, or None where there is none (ISO 11172-3, layer III)."""
    if at + 4 > len(head) or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
        return None
    version, kbit, rate = head[at + 1] >> 3 & 3, head[at + 2] >> 4, head[at + 2] >> 2 & 3
    if version == 1 or kbit in (0, 15) or rate == 3:
        return None
    first = version == 3
    mono = head[at + 3] >> 6 == 3
    samples = 1152 if first else 576
    hz = _MP3_RATES[version][rate]
    kbits = _MP3_KBITS[1 if first else 2][kbit]
    length = samples // 8 * kbits * 1000 // hz + (head[at + 2] >> 1 & 1)
    side = (17 if mono else 32) if first else (9 if mono else 17)
    return _Mp3Frame(length=length, rate=hz, samples=samples, tag_at=at + 4 + side)


def counted_mp3(data: bytes) -> bytes:
    """An MP3 without a header, with one in front that says how many frames there are.

    libsndfile guesses the length from the first frame's bit rate and stops there, which cuts songs
    of variable bit rate. Under any header it also drops ``MP3_DECODER_DELAY`` samples, which a file
    without one keeps.
    """
    at, count, first = tag_length(data), 0, -1
    while at + 4 < len(data):
        frame = _mp3_frame(data, at)
        if frame is None or (first < 0 and _mp3_frame(data, at + frame.length) is None):
            at = data.find(b"\xff", at + 1)
            if at < 0:
                break
            continue
        first = at if first < 0 else first
        count += 1
        at += frame.length
    if first < 0:
        return data
    # The first frame's own header, at a bit rate whose frames have room for the tag.
    header = bytes([*data[first : first + 2], data[first + 2] & 0x0F | 0x90, data[first + 3]])
    frame = _mp3_frame(header + bytes(4), 0)
    assert frame is not None
    tag = b"Xing" + (1).to_bytes(4, "big") + count.to_bytes(4, "big")
    return (header + bytes(frame.tag_at - 4) + tag).ljust(frame.length, b"\0") + data[first:]


def _inspect_mp3(head: bytes) -> Container:
    for at in range(max(0, len(head) - 4)):
        frame = _mp3_frame(head, at)
        if frame is None or _mp3_frame(head, at + frame.length) is None:
            continue
        tag = head[frame.tag_at : frame.tag_at + 4]
        if tag not in (b"Xing", b"Info"):
            return Container(codec="mp3", delay_known=False, counted=False)
        flags = int.from_bytes(head[frame.tag_at + 4 : frame.tag_at + 8], "big")
        count = (
            int.from_bytes(head[frame.tag_at + 8 : frame.tag_at + 12], "big") if flags & 1 else 0
        )
        lame_at = (
            frame.tag_at
            + 8
            + 4 * (flags & 1)
            + 2 * (flags & 2)
            + 25 * (flags & 4)
            + (flags & 8) // 2
        )
        return Container(
            codec="mp3",
            promised_s=count * frame.samples / frame.rate,
            delay_known=head[lame_at : lame_at + 4] in (b"LAME", b"Lavf", b"Lavc", b"GOGO"),
        )
    return Container(codec="")


def _ogg_codec(head: bytes) -> str:
    if b"OpusHead" in head[:64]:
        return "opus"
    return "vorbis" if b"\x01vorbis" in head[:64] else "ogg"


def _opus_gap(data: bytes) -> bool:
    """Whether a page's time stamp runs ahead of its packets by more than one long packet."""
    at, reached, last = 0, 0.0, -1
    while (at := data.find(b"OggS", at)) >= 0 and at + 27 <= len(data):
        granule = int.from_bytes(data[at + 6 : at + 14], "little", signed=True)
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        body = at + 27 + len(lacing)
        samples = _page_samples(data, body, lacing, continued=bool(data[at + 5] & 1))
        if granule > 0:
            if last >= 0 and granule - last - reached - samples > 48 * 120:
                return True
            last, reached = granule, 0.0
        else:
            reached += samples
        at = body + sum(lacing)
    return False


def _page_samples(data: bytes, at: int, lacing: bytes, *, continued: bool) -> float:
    """Samples at 48 kHz of the packets that begin on a page (RFC 6716, section 3.1)."""
    total, starts = 0.0, not continued
    for size in lacing:
        if starts and size and data[at : at + 4] != b"Opus":
            total += 48 * _opus_packet_ms(data[at : at + 2])
        starts = size < 255
        at += size
    return total


def _opus_packet_ms(packet: bytes) -> float:
    config, code = packet[0] >> 3, packet[0] & 3
    sizes = (10, 20, 40, 60) if config < 12 else (10, 20) if config < 16 else (2.5, 5, 10, 20)
    frames = (1, 2, 2)[code] if code < 3 else (packet[1] & 0x3F if len(packet) > 1 else 0)
    return sizes[config % len(sizes)] * frames
