"""The picture that a song brings along, if it brings one that can be opened."""

import hashlib
import io
import struct
from pathlib import Path

from PIL import Image

from beatheritage.audio.song import Song
from beatheritage.errors import InputError

# What Pillow raises for pictures that are cut off, mislabelled or built to exhaust memory.
BROKEN_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
)
SMALLEST_PX = 64  # anything smaller is an icon, not a cover


def open_cover(song: Song) -> Image.Image | None:
    """The cover out of the song's tags as RGB; None where there is none, or a broken one."""
    return open_picture(song.tags.cover)


def read_picture(path: Path) -> bytes:
    """The bytes of a picture's file. Raises InputError for what cannot be read or is no picture."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("cannot be read", where=str(path), mend=error.strerror or "") from error
    if open_picture(data) is None:
        mend = f"a JPEG or PNG of at least {SMALLEST_PX} pixels a side"
        raise InputError("is no picture that can be opened", where=str(path), mend=mend)
    return data


def open_picture(data: bytes) -> Image.Image | None:
    """A picture as RGB; None where there is none, a broken one, or an icon."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as picture:
            cover = picture.convert("RGB")
    except BROKEN_PICTURE:
        return None
    return cover if min(cover.size) >= SMALLEST_PX else None


def look_number(song: Song) -> int:
    """A number that chooses a song's look: the same for the same song in any format or process."""
    name = f"{song.tags.artist}\0{song.tags.title}\0{song.path.stem}\0{song.duration / 1000:.0f}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
