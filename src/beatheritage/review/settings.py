"""Difficulty settings and colours."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from math import sqrt

from beatheritage.osu.beatmap import Beatmap, Colour, Slider
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import number
from beatheritage.review.issue import Finding, Group, Severity, problem, warning
from beatheritage.review.rule import CATCH, CRITERIA, STD, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.subject import MapSubject

KEY_COUNTS = (4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18)
MOST_DECIMALS = 1
SETTING_RANGE = Range(0, 10)
DARK_PROBLEM, DARK_WARNING = 43.0, 50.0  # of 255, perceived
BRIGHT_WARNING = 220.0  # in kiai, where colours flash
TICK_RATES = (0.5, 1.0, 4 / 3, 1.5, 2.0, 3.0, 4.0)
TICK_RATE_OFF = 0.01  # 1.33 and 1.333 are both written
MOST_SCORE = 2_147_483_647  # osu!stable counts score in 32 bits
MOST_COMBO = 65_535  # and combo in 16
_HIT_SCORE = 300

_NUMBERS = {
    "HPDrainRate": "HP",
    "CircleSize": "CS",
    "OverallDifficulty": "OD",
    "ApproachRate": "AR",
}


def default_colours(subject: MapSubject) -> Iterator[Finding]:
    """No combo colours of its own, where no skin is forced."""
    general = dict(subject.beatmap.general.other)
    forced = general.get("SkinPreference", "") not in ("", "Default")
    if not subject.beatmap.combo_colours and not forced:
        yield problem("the default combo colours are used")


def difficulty_settings(subject: MapSubject) -> Iterator[Finding]:
    """A setting with more than one decimal or outside 0 to 10; keys that osu! has no skin for."""
    for key, text in _written_settings(subject):
        name = _NUMBERS[key]
        if key == "CircleSize" and subject.mode is Mode.MANIA:
            if text not in KEY_COUNTS:
                yield problem(f"there is no layout of {text.normalize():f} keys")
            continue
        if _decimals(text) > MOST_DECIMALS:
            yield problem(f"{name} is {text:f}; the editor sets one decimal")
        if float(text) not in SETTING_RANGE:
            yield warning(f"{name} is {text:f}, outside 0 to 10")


def _written_settings(subject: MapSubject) -> Iterator[tuple[str, Decimal]]:
    """The numbers as they stand in the file; of a map that has none, those of its value."""
    for line in subject.raw.get("Difficulty", ()) or _lines(subject.beatmap):
        key, _, text = line.partition(":")
        if key.strip() in _NUMBERS:
            try:
                value = Decimal(text.strip())
            except InvalidOperation:
                continue
            if value.is_finite():
                yield key.strip(), value


def _lines(beatmap: Beatmap) -> tuple[str, ...]:
    one = beatmap.difficulty
    values = (one.hp_drain, one.circle_size, one.overall_difficulty, one.approach_rate)
    return tuple(f"{key}:{value!r}" for key, value in zip(_NUMBERS, values, strict=True))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "only infinities and NaN have letters there"
    return max(0, -exponent)


def luminosity(subject: MapSubject) -> Iterator[Finding]:
    """Combo or border colours that are too dark, or too bright for a kiai."""
    beatmap = subject.beatmap
    colours = [(f"combo colour {place}", one) for place, one in enumerate(beatmap.combo_colours, 1)]
    border = dict(beatmap.other_colours).get("SliderBorder", "")
    if (colour := _colour(border)) is not None:
        colours.append(("the slider border", colour))
    kiai = any(line.kiai for line in beatmap.timing_points)
    for name, colour in colours:
        light = perceived_light(colour)
        message = f"{name} has a luminosity of {light:.0f}"
        if light < DARK_PROBLEM:
            yield problem(f"{message}: too dark")
        elif light < DARK_WARNING:
            yield warning(f"{message}: rather dark")
        elif kiai and light > BRIGHT_WARNING and not name.startswith("the"):
            yield warning(f"{message}: it flashes in kiai")


def _colour(text: str) -> Colour | None:
    try:
        red, green, blue = (int(number(part)) for part in text.split(",")[:3])
    except ValueError:
        return None
    return Colour(red, green, blue)


def perceived_light(colour: Colour) -> float:
    """How light a colour seems, 0 to 255 (the HSP model's weights)."""
    red, green, blue = colour
    return sqrt(0.299 * red**2 + 0.587 * green**2 + 0.114 * blue**2)


def score_overflow(subject: MapSubject) -> Iterator[Finding]:
    """More score or combo than osu!stable can count."""
    combo, score = _full_combo(subject)
    if score > MOST_SCORE:
        yield problem(f"a full combo scores about {score:.2e}, past what osu!stable counts")
    if combo > MOST_COMBO:
        yield problem(f"a full combo is {combo}, past the {MOST_COMBO} that osu!stable counts")


def _full_combo(subject: MapSubject) -> tuple[int, float]:
    """Combo and ScoreV1 of a full combo, spinner bonus and slider ticks' points apart."""
    multiplier = _score_multiplier(subject)
    combo, score = 0, 0.0
    rate = subject.beatmap.difficulty.slider_tick_rate
    for item, moments, length in zip(
        subject.objects, subject.moments, subject.beat_lengths.tolist(), strict=True
    ):
        if isinstance(item, Slider):
            span = (moments[-1] - moments[0]) / item.slides
            ticks = max(0, int(span * rate / length - 0.01))
            combo += item.slides * (ticks + 1)
        score += _HIT_SCORE * (1 + combo * multiplier / 25)
        combo += 1
    return combo, score


def _score_multiplier(subject: MapSubject) -> int:
    """The difficulty multiplier of osu!stable's ScoreV1."""
    one = subject.beatmap.difficulty
    density = 16.0
    if subject.drain:
        density = min(len(subject.objects) / subject.drain * 8000, 16.0)
    total = one.hp_drain + one.circle_size + one.overall_difficulty + density
    return round(total / 38 * 5)


def tick_rate(subject: MapSubject) -> Iterator[Finding]:
    """A slider tick rate other than 0.5, 1, 1.333, 1.5, 2, 3 and 4."""
    rate = subject.beatmap.difficulty.slider_tick_rate
    if all(abs(rate - allowed) > TICK_RATE_OFF for allowed in TICK_RATES):
        yield problem(f"the slider tick rate is {rate:g}")


RULES: tuple[Rule, ...] = (
    MapRule(
        name="DefaultColours",
        group=Group.SETTINGS,
        judge=default_colours,
        modes=STD | CATCH,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="DiffSettingsAllModes",
        group=Group.SETTINGS,
        judge=difficulty_settings,
        severities=(Severity.PROBLEM, Severity.WARNING),
        thresholds=("KEY_COUNTS", "MOST_DECIMALS", "SETTING_RANGE"),
        sources=(VERIFIER, lazer("AbnormalDifficultySettings", "KeyCount"), CRITERIA),
    ),
    MapRule(
        name="Luminosity",
        group=Group.SETTINGS,
        judge=luminosity,
        modes=STD | CATCH,
        severities=(Severity.PROBLEM, Severity.WARNING),
        thresholds=("DARK_PROBLEM", "DARK_WARNING", "BRIGHT_WARNING"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="ScoreOverflow",
        group=Group.SETTINGS,
        judge=score_overflow,
        modes=STD | CATCH,
        severities=(Severity.PROBLEM,),
        thresholds=("MOST_SCORE", "MOST_COMBO"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="TickRate",
        group=Group.SETTINGS,
        judge=tick_rate,
        severities=(Severity.PROBLEM,),
        thresholds=("TICK_RATES", "TICK_RATE_OFF"),
        sources=(VERIFIER, CRITERIA),
    ),
)
