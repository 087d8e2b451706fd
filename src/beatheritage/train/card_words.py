"""The words of the model card; its numbers come from elsewhere."""

from collections.abc import Mapping, Sequence

from beatheritage.dataset.census import ChartCount
from beatheritage.osu.mode import Mode

FIRST_STEPS = 1700
"""Of the mapper, which learned all of itself in them."""

TITLES = {
    "mapper": "Training the mapper",
    "placer": "Training the placer",
    "beats": "Training the beat head",
}

PANELS = {
    "mapper": {
        "tokens": "the next token",
        "glance": "the same at a glance",
        "onset": "onsets, a beat",
        "kiai": "kiai",
    },
    "placer": {
        "sum": "all together",
        "action": "how far",
        "slot": "back to which place",
        "turn": "which way",
        "shape": "which shape",
        "lie": "how it lies",
    },
    "beats": {"loss": "beats and downbeats"},
}
"""The losses that the trainers log, each with what its picture is called."""

ROLES = {
    "mapper": "hears the song along its beats; writes rhythm, object types, combos, hitsounds, "
    "slider velocity, columns, kiai",
    "placer": "hears nothing; places the objects of osu! and catch, move by move, and shapes "
    "sliders",
    "beats": "hears where beats and downbeats are, to decide between tempos and bars",
}

OPENING = """\
# Model card: the native models

**Maps are made by AI: say so when you share them.** Every map carries tags that say that it was
generated, by which model and with which seed; leave them in. osu! does not rank maps whose objects,
hitsounds or timing were generated.

Written by `python -m beatheritage.train.card`; change nothing here by hand.

## What they are

Three small networks, made for BeatHeritage from scratch, that write osu! beatmaps together: a song
goes in, a playable draft comes out, in all four modes, on a laptop's processor. They are meant for
drafts that a person goes on with, for practice and for fun; not for passing generated maps off as
one's own, and not for ranking. The `.onnx` files run, the `.safetensors` files (half precision) are
there to train on from. The mapper's ONNX files hold the same rounded numbers; the others' were not
rounded."""

DATA_WORDS = """\
People's charts and, for a part of them, their songs. **None of it is in this package**: no audio,
no charts, no features from which either could be had again; weights, numbers and code only. The
audio was mono Opus at 24 kbit/s; models hear nothing above 8 kHz, of any song."""

RIGHTS = """\
The table is about the sound. The charts are their makers' own; what licence they came under, if
any, is not known one by one, and the same holds for the two corpora of charts without sound.
Whoever needs models that learned from licensed songs alone has to train them anew, with the
commands below, on other data."""

SPLIT_WORDS = """\
Held out is by artist: whoever stands in `dataset/validation.txt` is on the measuring side with
every song and every chart of every source, in the corpora too, and no model has learned from them.
Charts that are off their own grid or far off their sound were left out; where need be, the others
were moved to osu!'s convention of time. A few constants that no training sets were tuned with these
songs in view: temperatures and biases of sampling and placing, how much of its corrections of time
the decoder keeps, the choice between fits of the tempo ranking; what is measured on them is that
much too good. From now on the mapper is tuned on the songs of `dataset/tuning.txt`, of the training
side: it heard them in its first {seen:,} steps, and not since. What was usable (the mapper left out
a few more, whose timing is rough):"""

PLACED_WORDS = """\
The placer learned from {learned:,} osu! charts of the two corpora, with {held_out} held out:
{objects:,} objects in all. The beat head learned from the red lines of the songs with sound."""

TRAINING_WORDS = """\
On two processor cores that did other work as well, one thread each. A run that was stopped goes on
at the step where it last saved, so the same commands also finish an unfinished run. The mapper's
first {seen:,} steps were taken before it had its answers at a glance, made-up codecs and slips; the
others taught it these answers alone, and left all else as it was; their losses on unseen artists
are of other windows, on which the same weights lose more."""

QUALITY_WORDS = """\
Measured by one command on the held-out songs, from the audio file to the finished map, with what
was reached and what was not: [quality.md]({docs}/quality.md)."""


def commands(steps: Mapping[str, int]) -> str:
    """The commands that made the weights, in their order; ``steps`` by the models' names."""
    lines = [
        "python -m beatheritage.dataset.mels --data ../shared/data/train --cache runs/mel",
        "python -m beatheritage.dataset.prepare --data ../shared/data --cache runs/charts",
        "python -m beatheritage.train.beats --data ../shared/data/train --run runs/beats "
        f"--steps {steps['beats']} --weights src/beatheritage/weights",
        "beatheritage train -cn placer data.corpora=../shared/data run=runs/placer "
        f"steps={steps['placer']}",
        f"beatheritage train -cn native data.cache=runs run=runs/mapper steps={steps['mapper']}",
        "python -m beatheritage.train.publish --run runs/placer",
        "python -m beatheritage.train.publish --run runs/mapper",
        "python -m beatheritage.train.card --data ../shared/data --cache runs "
        "--runs runs/mapper runs/placer runs/beats",
    ]
    return "\n".join(["```", *lines, "```"])


def weaknesses(charts: Sequence[ChartCount]) -> str:
    """What to expect no good of, and why."""
    many = [each for each in charts if each.mode is Mode.MANIA and 8 <= each.keys <= 10]
    heard, unheard = sum(each.heard for each in many), sum(each.unheard for each in many)
    catch = sum(each.songs for each in charts if each.mode is Mode.CATCH)
    learned = sum(each.heard for each in charts)
    points = [
        f"**Little data.** {learned:,} charts with sound is little where others learn from tens of "
        "thousands. Styles that few people map in, and rare patterns, are hardly known.",
        "**What players like.** The songs are what players of rhythm games chose: expect less of "
        "other music, such as classical pieces, jazz and long quiet songs.",
        f"**Mania with 8 to 10 keys** rests on transfer from fewer keys: {heard} charts with sound "
        f"and {unheard} without.",
        f"**Catch** has {catch} songs with charts of its own, so it learns mostly from osu! charts "
        "converted as the game does; its placing is that of osu!, brought within reach of the "
        "catcher.",
        "**Songs without a steady beat**: live recordings, rubato, gradual changes. Objects stand "
        "on the grid that was found; where it is wrong, so are they. Bars of 3 and 4 beats are "
        "told apart, others are not. Give `--bpm` and `--offset` where you know better.",
        "**Snaps** are 1/16 and 1/12 of a beat and coarser: no fifths, no sevenths.",
        "**Hitsounds** are whistles, finishes and claps; the sample set is the same throughout, "
        "and sliders' bodies, ticks and ends have no sets of their own. No custom samples.",
        "**Structure.** The song is written window by window with a few bars before in sight. A "
        "chorus that comes back is not mapped as the first one was.",
        "**Slider shapes** come from a small table of forms that people often use: no slider art.",
        "**The placer hears no sound**: places follow rhythm, types and stars, not the melody. "
        "What it was held to are people's moves one by one, not the figures that they make.",
        "**Stars** are a condition that the models heed roughly; nothing searches for the exact "
        "rating yet, and few of the charts with sound rate past 7 stars.",
        "**Taiko and mania** get no scroll effects. No storyboards, no skins, no key sounds.",
    ]
    return "\n".join(f"- {point}" for point in points)
