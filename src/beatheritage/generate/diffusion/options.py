"""What can be said of placing by osu-diffusion."""

from dataclasses import dataclass
from enum import StrEnum

from beatheritage.errors import OptionError
from beatheritage.generate.diffusion.schedule import make_schedule

USUAL_PLACER = "osu_diffusion_v2"


class Amount(StrEnum):
    """How far points may go: the noise that is taken for granted in them has a spread of about 6,
    23 or 43 px in x."""

    LITTLE = "little"
    SOME = "some"
    MUCH = "much"


STEPS = {
    Amount.LITTLE: (10, *[0] * 99),
    Amount.SOME: (10, 8, 6, 4, 2, *[0] * 95),
    Amount.MUCH: (100, *[0] * 9),
}
"""The steps that Mapperatorinator V30 and V31, BeatHeritage V1, and all others are run with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingOptions:
    """``diffuses``: a checkpoint's places are found anew by osu-diffusion.

    ``placer`` and ``refiner`` name checkpoints, as folders, known names or HUB/ID; the second goes
    over what the first did, in ``refinements`` steps without noise. ``steps``, where they are
    given, go before ``amount``: how many of each equal section of the thousand trained steps are
    taken; the later a section, the more noise. ``guidance`` above 1 leads towards what the map is
    said to be. ``from_noise`` forgets where points were. Windows of ``window`` points share
    ``overlap`` that are kept, and as many that are found anew.
    """

    diffuses: bool = False
    placer: str = USUAL_PLACER
    refiner: str = ""
    amount: Amount = Amount.MUCH
    steps: tuple[int, ...] = ()
    guidance: float = 1.0
    from_noise: bool = False
    refinements: int = 10
    window: int = 1024
    overlap: int = 128

    @property
    def counts(self) -> tuple[int, ...]:
        """How many steps of each section are taken."""
        return self.steps or STEPS[self.amount]


RANGES: dict[str, tuple[float, float]] = {
    "guidance": (1, 20),
    "refinements": (0, 1000),
    "window": (3, 8192),
    "overlap": (1, 4095),
}


USUAL = PlacingOptions()
# Presets say the amount also where places are left as they are written.
WITHOUT_EFFECT = set(PlacingOptions.__dataclass_fields__) - {"diffuses", "amount"}


def check_placing(options: PlacingOptions, group: str = "placing.") -> None:
    """Raise an OptionError for what can't be meant; ``group`` stands before the options' names."""
    for name, (low, high) in RANGES.items():
        value = getattr(options, name)
        if not low <= value <= high:
            raise OptionError(f"{group}{name} must be from {low:g} to {high:g}, not {value:g}")
    try:
        make_schedule(options.counts)
    except ValueError as error:
        raise OptionError(f"{group}steps: {error}") from None
    if not options.refiner and options.refinements != USUAL.refinements:
        mend = f"add {group}refiner=FOLDER"
        raise OptionError(f"{group}refinements are a second checkpoint's", mend=mend)
    if not options.diffuses:
        for name in WITHOUT_EFFECT:
            if getattr(options, name) != getattr(USUAL, name):
                mend = f"add {group}diffuses=true"
                raise OptionError(f"{group}{name} says how places are found anew", mend=mend)
    if options.window <= 2 * options.overlap:
        raise OptionError(f"{group}window must be more than twice {group}overlap")
