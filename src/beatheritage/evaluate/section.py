"""A part of a document that one command writes, while another writes the rest."""


def part_of(text: str, name: str) -> str:
    """The part of the name with its marks; nothing where there is none."""
    begin, end = _marks(name)
    if begin not in text or end not in text:
        return ""
    return text[text.index(begin) : text.index(end) + len(end)]


def with_part(text: str, name: str, content: str) -> str:
    """The text with the content as the part of the name: in its place, or at the end."""
    begin, end = _marks(name)
    part = f"{begin}\n{content.strip()}\n{end}"
    old = part_of(text, name)
    return text.replace(old, part) if old else f"{text.rstrip()}\n\n{part}\n"


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
