"""What an audio file says about itself."""

from pathlib import Path

from tinytag import TinyTag, TinyTagException

from beatheritage.audio.song import Tags


def read_tags(path: Path) -> Tags:
    """Title, artist, album, genre and cover; empty where none can be read."""
    try:
        tag = TinyTag.get(path, image=True)
        image = tag.images.any
    # A tag is a courtesy: one too broken for its reader must not stop a song that decodes.
    except (TinyTagException, OSError, ValueError, LookupError, OverflowError, AttributeError):
        return Tags()
    return Tags(
        title=_clean(tag.title),
        artist=_clean(tag.artist),
        source=_clean(tag.album),
        genre=_clean(tag.genre),
        cover=bytes(image.data) if image is not None else b"",
    )


def _clean(text: str | None) -> str:
    """One line without control characters: these words end up in the lines of a .osu file."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
