"""What a person asks for when a map that is there is to be placed anew."""

from dataclasses import dataclass, field, replace

from beatheritage.errors import OptionError
from beatheritage.generate.diffusion.classes import PlacingConditions
from beatheritage.generate.diffusion.options import Amount, PlacingOptions, check_placing
from beatheritage.generate.splice import Span
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.stars import stars

MOST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineRequest:
    """``start`` and ``end`` (ms) bound what is placed anew; without them all of it is. Of
    ``conditions``, stars and circle size are the map's own unless they are said."""

    seed: int = 0
    start: float | None = None
    end: float | None = None
    device: str = "auto"
    placing: PlacingOptions = field(
        default_factory=lambda: PlacingOptions(diffuses=True, amount=Amount.SOME)
    )
    conditions: PlacingConditions = field(default_factory=PlacingConditions)

    @property
    def span(self) -> Span:
        start = float("-inf") if self.start is None else self.start
        return Span(start, float("inf") if self.end is None else self.end)


def check_refine(request: RefineRequest) -> None:
    """Raise an OptionError for the first value that cannot be meant."""
    if not request.placing.diffuses:
        raise OptionError("placing.diffuses=false leaves nothing to do", mend="leave it out")
    check_placing(request.placing)
    if not 0 <= request.seed <= MOST_SEED:
        raise OptionError(f"seed must be from 0 to {MOST_SEED}, not {request.seed}")
    if request.span.start >= request.span.end:
        raise OptionError("end must come after start")


def conditions_of_map(request: RefineRequest, beatmap: Beatmap) -> PlacingConditions:
    """What a map is said to be: what was asked for, and for the rest what it is."""
    said = request.conditions
    return replace(
        said,
        stars=stars(beatmap) if said.stars is None else said.stars,
        circle_size=beatmap.difficulty.circle_size
        if said.circle_size is None
        else said.circle_size,
    )
