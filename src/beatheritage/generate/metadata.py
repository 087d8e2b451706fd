"""What a map says about itself: song, artist, difficulty, and that a machine made it."""

import unicodedata
from importlib.metadata import version
from itertools import zip_longest

from beatheritage.audio.song import Song
from beatheritage.generate.plan import Plan
from beatheritage.generate.request import Sampling
from beatheritage.osu.beatmap import Metadata
from beatheritage.tokens.prompt import Style

FIELD_LENGTH = 81  # characters that osu! accepts in a field
UNKNOWN_TITLE = "Unknown Title"
UNKNOWN_ARTIST = "Unknown Artist"


def _spelling(words: str) -> dict[str, str]:
    """A table from words that each begin with the letter that the rest spells."""
    return {word[0]: word[1:] for word in words.split()}


# Letters that Unicode does not take apart.
LETTERS = _spelling(
    "ßss æae œoe øo łl đd ðd þth ıi ħh ŋng"
    " аa бb вv гg дd еe ёyo жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch"
    " ъ ыy ь эe юyu яya іi їyi єye ґg ўw"
    " αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
)
PUNCTUATION = _spelling('‘\' ’\' “" ”" „" –- —- ―- ×x ・ 〜~ ～~ 「" 」" 『" 』" 【[ 】]')
# Where Hepburn, which people read, differs from the names that Unicode gives the kana.
HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}


def make_metadata(plan: Plan, song: Song, model: str) -> Metadata:
    """Names in both forms, and tags that say who made this from what; ``model`` has no spaces."""
    said = plan.metadata
    title, title_unicode = both_forms(plan.title, said.title_unicode, UNKNOWN_TITLE)
    artist, artist_unicode = both_forms(plan.artist, said.artist_unicode, UNKNOWN_ARTIST)
    return Metadata(
        title=title,
        title_unicode=title_unicode,
        artist=artist,
        artist_unicode=artist_unicode,
        creator=romanised(one_line(plan.creator), "BeatHeritage"),
        version=one_line(plan.version),
        source=one_line(said.source or song.tags.source),
        tags=tag_words(plan, song, model),
    )


def both_forms(name: str, in_its_script: str, fallback: str) -> tuple[str, str]:
    """A name in ASCII and as it is written, which is the same name where nothing else is said."""
    written = one_line(in_its_script) or one_line(name)
    return romanised(one_line(name), romanised(written, fallback)), written or fallback


def tag_words(plan: Plan, song: Song, model: str) -> tuple[str, ...]:
    """Words to search for: made by AI, by which model, with which seed and options."""
    defaults = Sampling()
    words = [
        "ai-generated",
        "ai",
        "beatheritage",
        f"beatheritage-{version('beatheritage')}",
        f"model-{model}",
        f"seed-{plan.seed}",
        f"stars-{plan.stars:g}",
    ]
    for name in Style.__dataclass_fields__:
        if (value := getattr(plan.style, name)) is not None:
            words.append(f"{name.replace('_', '-')}-{value:g}")
    for name in Sampling.__dataclass_fields__:
        if (value := getattr(plan.sampling, name)) != getattr(defaults, name):
            words.append(f"{name.replace('_', '-')}-{value:g}")
    words += one_line(song.tags.genre).lower().split()
    words += [word for said in plan.metadata.tags for word in one_line(said).split()]
    return tuple(dict.fromkeys(words))


def one_line(text: str) -> str:
    """Text that a field of a .osu file can hold: no control characters, single spaces, short."""
    spaced = (" " if char.isspace() else char for char in text)
    kept = (char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join("".join(kept).split())[:FIELD_LENGTH].rstrip()


def romanised(text: str, fallback: str) -> str:
    """Text in ASCII: accents dropped, kana, Hangul, Cyrillic and Greek spelled out.

    Chinese characters have no reading that could be told from them alone, and are left out;
    ``fallback`` stands where no letter or digit remains.
    """
    pieces: list[str] = []
    for char in unicodedata.normalize("NFKC", text):
        pieces.append(char if char.isascii() else _spelled(char, pieces))
    ascii_text = "".join(piece for piece in _doubled(pieces) if piece.isascii())
    readable = " ".join(ascii_text.split())[:FIELD_LENGTH].rstrip()
    return readable if any(char.isalnum() for char in readable) else fallback


def _spelled(char: str, before: list[str]) -> str:
    """One character in ASCII, "" if there is no way; a small ya, yu, yo melts into ``before``."""
    if (lower := char.lower()) in LETTERS:
        return LETTERS[lower] if char == lower else LETTERS[lower].capitalize()
    if char in PUNCTUATION:
        return PUNCTUATION[char]
    script, _, name = unicodedata.name(char, "").partition(" ")
    if script == "HANGUL":
        return name.removeprefix("SYLLABLE ").lower()
    if script in ("HIRAGANA", "KATAKANA") and name.startswith("LETTER "):
        return _kana(name.removeprefix("LETTER ").lower(), before)
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()


def _kana(name: str, before: list[str]) -> str:
    if not name.startswith("small "):
        return HEPBURN.get(name, name)
    small = name.removeprefix("small ")
    if small == "tu":
        return "っ"  # doubles what follows
    if before and before[-1].endswith("i") and small in ("ya", "yu", "yo"):
        stem = before.pop()[:-1]
        return stem + (small[1:] if stem in ("sh", "ch", "j") else small)
    if before and before[-1] and small in "aiueo" and before[-1][-1] in "aiueo":
        stem = before.pop()[:-1]
        return stem + small
    return small


def _doubled(pieces: list[str]) -> list[str]:
    """Pieces with each small tsu turned into the consonant after it."""
    return [
        next_piece[:1] if piece == "っ" and next_piece[:1].isalpha() else piece
        for piece, next_piece in zip_longest(pieces, pieces[1:], fillvalue="")
    ]
