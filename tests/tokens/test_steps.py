"""The ancestors' tokens, both ways: identical to what the original code made of the same maps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import (
    TINY,
    VERSIONS,
    golden,
    kept,
    needs_goldens,
    recorded_map,
    small_map,
    tokenizer_of,
    vocabulary_of,
)

from beatheritage.errors import OptionError, WeightsError
from beatheritage.osu.beatmap import Point
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import ANCHORS, Context, Event, Step, Vocabulary
from beatheritage.tokens.steps_decode import decode, groups_of, stamped, without_sounds
from beatheritage.tokens.steps_encode import encode_map, position_events
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll, encode_timing
from beatheritage.tokens.steps_prompt import (
    Brief,
    Layer,
    StepConditions,
    Stretch,
    as_trained,
    class_tokens,
    prompt,
    unguided,
)

TINY_ONES = {version: Vocabulary(tokenizer_of(version)) for version in TINY}
LAYERS = {
    "parse": encode_map,
    "timing": encode_timing,
    "kiai": encode_kiai,
    "scroll_speeds": encode_scroll,
}
BY_CONTEXT = {
    "map": encode_map,
    "timing": encode_timing,
    "kiai": encode_kiai,
    "sv": encode_scroll,
}
MAPS = {
    "std": "syn_std.osu",
    "std_unknown": "syn_std.osu",
    "taiko": "syn_taiko.osu",
    "ctb": "syn_ctb.osu",
    "mania": "syn_mania7k.osu",
}
WINDOW_MS = {"v29": 8184, "v30": 32760, "v31": 32760, "v32": 16376, "beatheritage_v1": 32760}
TARGETS = {"v29": 2048, "v30": 5120, "v31": 8192, "v32": 2560, "beatheritage_v1": 5120}


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_layout_is_as_recorded(version):
    vocabulary, layout = vocabulary_of(version), golden(version, "vocab_layout.json")
    ranges = [*layout["ranges_out"], *layout["ranges_in"]]
    got = [
        [item.kind.value, item.low, item.high, item.start, vocabulary.ids(item.kind).stop]
        for item in vocabulary.ranges
    ]
    assert got == ranges


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_maps_become_the_recorded_tokens(version):
    vocabulary = vocabulary_of(version)
    for name, recorded in golden(version, "tokenization.json").items():
        beatmap = recorded_map(name)
        for layer, encode in LAYERS.items():
            expected = recorded.get(layer)
            if expected is None:
                continue
            events = encode(beatmap, vocabulary)
            assert [[event.kind.value, event.value] for event in events] == expected["events"]
            assert [event.time for event in events] == expected["event_times"]
            if "encode_error" not in expected:  # a layer that the version has no tokens for
                assert vocabulary.tokens(events, 0) == expected["tokens_frame0"]
                assert vocabulary.tokens(events, 1500) == expected["tokens_frame1500"]


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_prompts_are_as_recorded(version):
    vocabulary = vocabulary_of(version)
    for name, recorded in golden(version, "prompts.json").items():
        conditions = conditions_of(recorded["generation_config"])
        song = recorded["song_length"]
        classes = {
            "prompt": class_tokens(vocabulary, conditions, song),
            "negative_prompt": class_tokens(vocabulary, unguided(conditions), song),
        }
        assert list(classes["prompt"]) == recorded["class"]
        assert list(classes["negative_prompt"]) == recorded["negative_class"]
        beatmap = recorded_map(MAPS[name])
        for case in recorded["cases"]:
            stretch = Stretch(start=case["frame_time"], length=WINDOW_MS[version], song=song)
            given_layers = tuple(Layer(context=Context(name)) for name in recorded["in_context"])
            written = layers_up_to(case, recorded["out_context"], beatmap, vocabulary)
            for key, told in classes.items():
                brief = Brief(classes=told, given=given_layers, written=written)
                assert prompt(vocabulary, brief, stretch, TARGETS[version]) == case[key]


def conditions_of(config):
    return StepConditions(
        mode=Mode(config["gamemode"]),
        stars=config["difficulty"],
        mapper=config["mapper_id"],
        year=config["year"],
        hitsounded=config["hitsounded"],
        circle_size=config["circle_size"],
        slider_multiplier=config["slider_multiplier"],
        keys=config["keycount"],
        hold_share=config["hold_note_ratio"],
        scroll_share=config["scroll_speed_ratio"],
        descriptors=tuple(config["descriptors"] or ()),
        unlike=tuple(config["negative_descriptors"] or ()),
    )


def layers_up_to(case, contexts, beatmap, vocabulary):
    """Whole layers, and of the one that is being written the first two seconds of the window."""
    last = contexts.index(case["generating"])
    layers = []
    for index, name in enumerate(contexts[: last + 1]):
        events = BY_CONTEXT[name](beatmap, vocabulary)
        if index == last:
            events = [event for event in events if event.time < case["frame_time"] + 2000]
        layers.append(Layer(context=Context(name), events=tuple(events)))
    return tuple(layers)


@needs_goldens
@pytest.mark.parametrize(("helpers", "version", "speed"), [("bh", "v29", 1.5), ("mp", "v32", 1.0)])
def test_times_and_groups_are_as_recorded(helpers, version, speed):
    """BeatHeritage's groups were recorded after its events had been sped up in place."""
    vocabulary = vocabulary_of(version)
    for recorded in golden(f"helpers_{helpers}", "data_utils.json").values():
        events = [Event(Step(kind), value) for kind, value in recorded["events"]]
        got = stamped(events, vocabulary, recorded["event_times"][-1])
        assert [event.time for event in got] == recorded["update_event_times"]
        silent = [[event.kind.value, event.value] for event in without_sounds(got)]
        assert silent == recorded["remove_hitsounds"][0]
        timed = zip(events, recorded["event_times"], strict=True)
        groups = groups_of([event._replace(time=time) for event, time in timed], vocabulary)
        assert [spoken(group, speed) for group in groups] == [
            {name: group[name] for name in spoken(groups[0], speed)} for group in recorded["groups"]
        ]


def spoken(group, speed):
    """A group in their words; positions had not been turned into coordinates yet."""
    return {
        "event_type": group.kind.value,
        "value": group.value,
        "time": group.time if group.kind in ANCHORS else int(group.time / speed),
        "distance": group.distance,
        "new_combo": group.new_combo,
        "hitsounds": [int(sound.sound) for sound in group.sounds],
        "samplesets": [sound.normal_set for sound in group.sounds],
        "additions": [sound.addition_set for sound in group.sounds],
        "volumes": [sound.volume for sound in group.sounds],
        "scroll_speed": group.speed,
    }


@pytest.mark.parametrize("version", TINY)
def test_small_maps_are_as_kept(version):
    vocabulary = TINY_ONES[version]
    modes = (0,) if version == "v30" else (0, 1, 3)
    got = {
        str(mode): vocabulary.tokens(encode_map(small_map(mode), vocabulary), 0) for mode in modes
    }
    assert got == kept()[version]["tokens"]


def test_a_hold_has_its_end_and_what_keeps_it_in_sight():
    vocabulary = TINY_ONES["v32"]
    groups = groups_of(encode_map(small_map(3), vocabulary), vocabulary)
    assert [(group.kind, group.time, group.column) for group in groups] == [
        (Step.CIRCLE, 200, 0),
        (Step.HOLD_NOTE, 200, 1),
        (Step.HOLD_NOTE_END, 600, 1),
        (Step.CIRCLE, 1800, 2),
        (Step.HOLD_NOTE, 3400, 3),
        (Step.HOLD_NOTE_END, 12000, 3),
    ]
    sustained = [
        event.time
        for event in encode_map(small_map(3), vocabulary)
        if event.kind is Step.HOLD_NOTE_SUSTAIN
    ]
    assert sustained == [11400]


@given(version=st.sampled_from(TINY), share=st.floats(0, 1, exclude_max=True))
def test_ids_and_events_tell_each_other(version, share):
    vocabulary = TINY_ONES[version]
    first = vocabulary.ranges[0].start
    token = first + int(share * (vocabulary.size_in - first))
    event = vocabulary.event(token)
    assert event is not None
    assert vocabulary.id(event.kind, event.value) == token


@given(version=st.sampled_from(TINY), x=st.integers(0, 512), y=st.integers(0, 384))
def test_places_come_back_to_within_their_cell(version, x, y):
    vocabulary = TINY_ONES[version]
    events = [*position_events(vocabulary, Point(x, y)), Event(Step.CIRCLE)]
    order = events if version != "v29" else [events[-1], *events[:-1]]
    (group,) = groups_of(order, vocabulary)
    allowed = vocabulary.fine or vocabulary.precision
    assert group.place is not None
    assert abs(group.place.x - x) <= allowed
    assert abs(group.place.y - y) <= allowed


@given(version=st.sampled_from(TINY), time=st.integers(1000, 8000), window=st.integers(800, 1000))
def test_times_come_back_to_within_half_a_step(version, time, window):
    vocabulary = TINY_ONES[version]
    tokens = vocabulary.tokens([Event(Step.TIME, time)], window)
    (event,) = decode(tokens, vocabulary, window)
    assert abs(event.value - time) <= 5
    (cut,) = decode(tokens, vocabulary, window, half_step=0)
    assert event.value - cut.value == 5


def test_a_prompt_that_is_too_long_keeps_its_latest_events():
    vocabulary = TINY_ONES["v32"]
    events = tuple(encode_map(small_map(0), vocabulary))
    brief = Brief(classes=(), given=(), written=(Layer(context=Context.MAP, events=events),))
    stretch = Stretch(start=0, length=16_376, song=20_000)
    whole = prompt(vocabulary, brief, stretch, 1000)
    short = prompt(vocabulary, brief, stretch, 40)
    assert len(short) < 40 < len(whole)
    assert short[-5:] == whole[-5:]
    with pytest.raises(OptionError, match="memory"):
        prompt(vocabulary, brief, stretch, 4)


def test_v28_is_told_of_kiai_and_v29_never():
    tokenizer = tokenizer_of("v29")
    layer = Layer(context=Context.KIAI, events=(Event(Step.KIAI, 1, 100),))
    brief = Brief(classes=(), given=(), written=(Layer(context=Context.TIMING), layer))
    stretch = Stretch(start=500, length=8184, song=20_000)
    told = {width: prompt(Vocabulary(tokenizer, width), brief, stretch, 99) for width in (512, 768)}
    vocabulary = Vocabulary(tokenizer)
    assert told[512][0] == vocabulary.id(Step.KIAI, 1)
    assert told[768][0] == vocabulary.id(Step.KIAI, 0)


def test_models_can_be_told_what_training_told_them():
    vocabulary = Vocabulary(tokenizer_of("v29"))
    speed = Layer(context=Context.MAP, events=(Event(Step.SCROLL_SPEED, 250, 100),))
    stretch = Stretch(start=500, length=8184, song=20_000)

    def told(mode):
        fixed = as_trained(vocabulary, vocabulary.family.templates[0].written, mode)
        brief = Brief(classes=(), given=(), written=(speed,), fixed=fixed)
        return prompt(vocabulary, brief, stretch, 99)

    assert told(Mode.STD)[0] == vocabulary.id(Step.SCROLL_SPEED, 100)
    assert told(Mode.MANIA)[0] == vocabulary.id(Step.SCROLL_SPEED, 250)
    kiai = vocabulary.ids(Step.KIAI)
    assert not any(kiai.start <= token < kiai.stop for token in told(Mode.STD))


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        (StepConditions(descriptors=("jump aims",)), "jump aim"),
        (StepConditions(year=2006), "2007 to 2076"),
        (StepConditions(year=2077), "2007 to 2076"),
    ],
)
def test_what_a_model_does_not_know_is_refused(conditions, says):
    with pytest.raises(OptionError, match=says):
        class_tokens(TINY_ONES["v32"], conditions, 60_000)


def spoil(tokenizer, **changes):
    return {**tokenizer, **changes}


@pytest.mark.parametrize(
    "tokenizer",
    [
        {},
        spoil(tokenizer_of("v32"), context_sos={"map": 3}),
        spoil(tokenizer_of("v32"), offset=10),
        spoil(tokenizer_of("v32"), vocab_size_in=12),
        spoil(tokenizer_of("v32"), event_ranges=[{"type": "?", "min_value": 0, "max_value": 1}]),
    ],
)
def test_tokenizers_that_do_not_add_up_are_refused(tokenizer):
    with pytest.raises(WeightsError):
        Vocabulary(tokenizer)
