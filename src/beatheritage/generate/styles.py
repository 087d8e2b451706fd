"""Words for a style, as mappers use them: what the native model makes of them.

The ancestors' checkpoints learned such words; the native model knows what can be measured instead.
"""

from dataclasses import replace

from beatheritage.config import nearest
from beatheritage.errors import OptionError
from beatheritage.generate.request import Request

# About the upper fifth of people's maps in each measure.
STYLES: dict[str, dict[str, float]] = {
    "jump aim": {"spacing": 0.8, "stream_share": 0.1},
    "stream": {"stream_share": 0.6},
    "simple": {"density": 0.3, "stream_share": 0.0},
    "spaced": {"spacing": 0.8},
    "stacked": {"spacing": 0.2},
}
QUALITIES: dict[str, dict[str, bool | float]] = {
    "flow": {"flow": True},
    "clean": {"max_overlap": 0.05},
}
ALIKE = {"jumps": "jump aim", "aim": "jump aim", "streams": "stream", "flow aim": "flow"}
WORDS = (*STYLES, *QUALITIES)


def styled(request: Request) -> Request:
    """The request with what its words for a style mean, where nothing else was said of that.

    Raises OptionError for a word of which nothing can be measured.
    """
    for word in request.descriptors:
        name = ALIKE.get(word.casefold(), word.casefold())
        if name not in WORDS:
            mend = nearest(name, WORDS) + "; a checkpoint of the ancestors may know more"
            raise OptionError(f"the native model measures no style called {word!r}", mend=mend)
        style = _unsaid(request.style, STYLES.get(name, {}))
        quality = _unsaid(request.quality, QUALITIES.get(name, {}))
        request = replace(
            request,
            style=replace(request.style, **style),
            quality=replace(request.quality, **quality),
        )
    return request


def _unsaid(options: object, meant: dict) -> dict:
    return {name: value for name, value in meant.items() if getattr(options, name) is None}
