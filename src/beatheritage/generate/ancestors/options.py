"""What only an ancestor's checkpoint can be told, and how it is run."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from beatheritage.errors import OptionError
from beatheritage.tokens.steps import Context

GIVEN = ("none", "timing", "kiai", "map", "gd", "no_hs", "sv")
WRITTEN = ("timing", "kiai", "map", "sv")
SOUNDLESS, MAP, TIMING_ALONE = "no_hs", "map", ("timing",)
OF_A_MAP = frozenset({"kiai", "map", "gd", "no_hs", "sv"})  # what only a map that is there can give


class TimingFrom(StrEnum):
    """Who says where the beats are: our timing, the model in one pass, or in many."""

    FOUND = "found"
    MODEL = "model"
    SUPER = "super"


class Precision(StrEnum):
    """How weights are held: ``bf16`` on a GPU, ``int8`` on a CPU."""

    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"


@dataclass(frozen=True, slots=True, kw_only=True)
class AncestorOptions:
    """``given`` and ``written`` name contexts, as the ancestors do; empty is what is usual.

    ``lookback`` and ``lookahead`` are shares of a window; ``parallel`` writes windows apart from
    each other, at most ``batch`` at once. ``grid``: nothing off the beat is written. ``resnap``:
    what is written is moved onto the tick that it names. ``meets``: objects that all but share a
    place share it. ``leniency`` (ms) is how far beats may lie off their line, and ``iterations``
    and ``threshold`` are super timing's: passes, and the share of them that must name a tempo.
    ``own_mode``: a checkpoint's folder for the mode is used where it has one. ``cuda_graphs``: an
    NVIDIA GPU records a step of one token and plays it back.
    """

    given: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    hitsounded: bool = True
    scroll_share: float | None = None
    guidance: float = 1.0
    timing_temperature: float = 0.1
    column_temperature: float = 0.8
    hit_temperature: float = 0.8
    time_bias: float = 0.0
    greedy: bool = False
    beams: int = 1
    lookback: float = 0.5
    lookahead: float = 0.4
    parallel: bool = False
    batch: int = 16
    grid: bool = True
    resnap: bool = True
    meets: bool = False
    timing: TimingFrom = TimingFrom.FOUND
    leniency: float = 20.0
    iterations: int = 20
    threshold: float = 0.1
    timing_guidance: float = 1.0
    timing_beams: int = 1
    lora: Path | None = None
    own_mode: bool = True
    device: str = "auto"
    precision: Precision = Precision.FP32
    cuda_graphs: bool = False

    @property
    def stays_on_map(self) -> bool:
        """Whether a reference comes out again, with something else than before."""
        without_map = bool(self.written) and MAP not in self.written
        return self.written != TIMING_ALONE and (SOUNDLESS in self.given or without_map)


RANGES: dict[str, tuple[float, float]] = {
    "scroll_share": (0, 1),
    "guidance": (1, 20),
    "timing_temperature": (0, 2),
    "column_temperature": (0, 2),
    "hit_temperature": (0, 2),
    "time_bias": (-10, 10),
    "beams": (1, 16),
    "lookback": (0, 0.9),
    "lookahead": (0, 0.9),
    "batch": (1, 256),
    "leniency": (1, 100),
    "iterations": (1, 100),
    "threshold": (0, 1),
    "timing_guidance": (1, 20),
    "timing_beams": (1, 16),
}
MOST_OVERLAP = 0.95  # of a window: more would write a song in a hundred windows


def check_ancestor(options: AncestorOptions, *, has_map: bool) -> None:
    """Raise an OptionError for what excludes itself, or lacks the map that it is about."""
    for key, known in (("given", GIVEN), ("written", WRITTEN)):
        for name in getattr(options, key):
            if name not in known:
                mend = "one of " + ", ".join(known)
                raise OptionError(f"ancestor.{key} has {name!r}", mend=mend)
            if key == "given" and name in OF_A_MAP and not has_map:
                mend = "add context.reference=FILE.osu"
                raise OptionError(f"ancestor.given={name} needs a map to take it from", mend=mend)
    without_map = options.written and "map" not in options.written
    if without_map and options.written != ("timing",) and not has_map:
        layers = ", ".join(options.written)
        mend = "add context.reference=FILE.osu"
        raise OptionError(f"ancestor.written={layers} needs a map to put it on", mend=mend)
    if options.lookback + options.lookahead > MOST_OVERLAP:
        raise OptionError(
            f"ancestor.lookback and ancestor.lookahead are {MOST_OVERLAP:g} together at most"
        )


def contexts(names: tuple[str, ...]) -> tuple[Context, ...]:
    """What names mean; none stands for nothing."""
    return tuple(Context(name) for name in names if name != "none")
