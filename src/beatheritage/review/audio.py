"""The song and the hitsounds of a set, as the user gave them."""

from collections.abc import Iterator
from math import log10

from beatheritage.osu.limits import Range
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.material import BLANK_BYTES, SampleFacts
from beatheritage.review.rule import CRITERIA, VERIFIER, JudgeSet, Rule, SetRule, lazer
from beatheritage.review.subject import SetSubject

SONG_CODECS = ("mp3", "vorbis")
SAMPLE_CODECS = ("wav", "vorbis")
LEAST_KBITS = 128.0
MOST_KBITS = {"mp3": 192.0, "vorbis": 208.0}
KBITS_ROUNDING = 1.0  # headers and tags weigh a little
UNUSED_SHARE = 0.2  # of the song, after the last object of all maps
DELAY_PROBLEM, DELAY_MINOR = 5.0, 1.0  # ms of silence before a hitsound
SHORTEST_SAMPLE = 25.0  # ms
IMBALANCE_DB = 6.0  # between left and right


def audio_format(subject: SetSubject) -> Iterator[Finding]:
    """A song that is neither MP3 nor Ogg Vorbis."""
    for name, facts in subject.songs.items():
        if facts is None:
            yield problem(f"{name!r} is no audio file that can be read")
        elif facts.codec not in SONG_CODECS:
            yield problem(f"{name!r} is {facts.codec}, not mp3 or ogg vorbis")


def bitrate(subject: SetSubject) -> Iterator[Finding]:
    """A song of under 128 kbit/s, or over 192 (MP3) or 208 (Ogg)."""
    for name, facts in subject.songs.items():
        if facts is None or facts.codec not in MOST_KBITS:
            continue
        allowed = Range(LEAST_KBITS - KBITS_ROUNDING, MOST_KBITS[facts.codec] + KBITS_ROUNDING)
        if facts.kbits not in allowed:
            most = MOST_KBITS[facts.codec]
            message = f"{name!r} has {facts.kbits:.0f} kbit/s, not {LEAST_KBITS:.0f} to {most:.0f}"
            yield problem(message)


def audio_usage(subject: SetSubject) -> Iterator[Finding]:
    """More than a fifth of the song left unmapped at its end."""
    for name, facts in subject.songs.items():
        if facts is None or not facts.duration:
            continue
        ends = [
            float(one.ends.max())
            for one in subject.maps
            if one.objects and subject.find(one.beatmap.general.audio_filename) == name
        ]
        unused = 1 - max(ends, default=facts.duration) / facts.duration
        if unused > UNUSED_SHARE:
            yield warning(f"{unused:.0%} of {name!r} is unmapped at its end", time=max(ends))


def multiple_audio(subject: SetSubject) -> Iterator[Finding]:
    """A song that is missing, or more than one for a set."""
    if subject.files is None:
        return
    names = {one.beatmap.general.audio_filename.casefold() for one in subject.maps}
    for index, one in enumerate(subject.maps):
        name = one.beatmap.general.audio_filename
        if not name:
            yield problem("names no song", of=index)
        elif subject.find(name) is None:
            yield problem(f"the song {name!r} is missing", of=index)
    if len(names) > 1:
        yield problem(f"the difficulties have {len(names)} songs: {', '.join(sorted(names))}")


def audio_in_video(subject: SetSubject) -> Iterator[Finding]:
    """A video with sound of its own."""
    for name, facts in subject.videos.items():
        if facts is not None and facts.has_audio:
            yield problem(f"{name!r} has sound")


def _audible(subject: SetSubject) -> Iterator[tuple[str, SampleFacts]]:
    for name, facts in subject.samples.items():
        if facts is not None and not facts.silent:
            yield name, facts


def hit_sound_delay(subject: SetSubject) -> Iterator[Finding]:
    """A hitsound that begins with silence, or takes long to swell."""
    for name, facts in _audible(subject):
        if facts.delay >= DELAY_PROBLEM:
            yield problem(f"{name!r} begins with {facts.delay:.1f} ms of silence")
        elif facts.rise >= DELAY_PROBLEM:
            yield warning(f"{name!r} takes {facts.rise:.1f} ms to half its peak")
        elif facts.delay >= DELAY_MINOR:
            yield minor(f"{name!r} begins with {facts.delay:.1f} ms of silence")


def hit_sound_format(subject: SetSubject) -> Iterator[Finding]:
    """A hitsound that is neither WAV nor Ogg Vorbis."""
    for name, facts in subject.samples.items():
        if facts is None:
            yield problem(f"{name!r} is no sound that can be read")
        elif facts.codec not in SAMPLE_CODECS:
            yield problem(f"{name!r} is {facts.codec}, not wav or ogg vorbis")


def hit_sound_imbalance(subject: SetSubject) -> Iterator[Finding]:
    """A hitsound much louder on one side."""
    for name, facts in _audible(subject):
        if len(facts.loudness) != 2:
            continue
        softer, louder = sorted(facts.loudness)
        if not softer or 20 * log10(louder / softer) > IMBALANCE_DB:
            side = "left" if facts.loudness[0] > facts.loudness[1] else "right"
            yield warning(f"{name!r} is much louder on the {side}")


def hit_sound_length(subject: SetSubject) -> Iterator[Finding]:
    """A hitsound of under 25 ms, which some sound cards do not play."""
    for name, facts in _audible(subject):
        if facts.duration < SHORTEST_SAMPLE:
            yield problem(f"{name!r} lasts {facts.duration:.1f} ms")


def silent_hit_sounds(subject: SetSubject) -> Iterator[Finding]:
    """A silent hitsound other than the blank file of 44 bytes that osu!'s wiki gives."""
    for name, facts in subject.samples.items():
        assert subject.files is not None
        if facts is not None and facts.silent and subject.files.size(name) != BLANK_BYTES:
            yield problem(f"{name!r} is silent, and not the {BLANK_BYTES} bytes that are to be so")


def _material(name: str, judge: JudgeSet, severities: tuple[Severity, ...], **more) -> SetRule:
    return SetRule(
        name=name,
        group=Group.AUDIO,
        judge=judge,
        scope=Scope.MATERIAL,
        severities=severities,
        **more,
    )


RULES: tuple[Rule, ...] = (
    _material(
        "AudioFormat",
        audio_format,
        (Severity.PROBLEM,),
        thresholds=("SONG_CODECS",),
        sources=(VERIFIER, lazer("SongFormat"), CRITERIA),
    ),
    _material(
        "AudioInVideo",
        audio_in_video,
        (Severity.PROBLEM,),
        sources=(VERIFIER, lazer("AudioInVideo"), CRITERIA),
    ),
    _material(
        "AudioUsage",
        audio_usage,
        (Severity.WARNING,),
        thresholds=("UNUSED_SHARE",),
        sources=(VERIFIER, lazer("UnusedAudioAtEnd"), CRITERIA),
    ),
    _material(
        "Bitrate",
        bitrate,
        (Severity.PROBLEM,),
        thresholds=("LEAST_KBITS", "MOST_KBITS", "KBITS_ROUNDING"),
        sources=(VERIFIER, lazer("AudioQuality"), CRITERIA),
    ),
    _material(
        "HitSoundDelay",
        hit_sound_delay,
        (Severity.PROBLEM, Severity.WARNING, Severity.MINOR),
        thresholds=("DELAY_PROBLEM", "DELAY_MINOR"),
        sources=(VERIFIER, lazer("DelayedHitsounds"), CRITERIA),
    ),
    _material(
        "HitSoundFormat",
        hit_sound_format,
        (Severity.PROBLEM,),
        thresholds=("SAMPLE_CODECS",),
        sources=(VERIFIER, lazer("HitsoundsFormat"), CRITERIA),
    ),
    _material(
        "HitSoundImbalance",
        hit_sound_imbalance,
        (Severity.WARNING,),
        thresholds=("IMBALANCE_DB",),
        sources=(VERIFIER,),
    ),
    _material(
        "HitSoundLength",
        hit_sound_length,
        (Severity.PROBLEM,),
        thresholds=("SHORTEST_SAMPLE",),
        sources=(VERIFIER, lazer("TooShortAudioFiles"), CRITERIA),
    ),
    _material(
        "MultipleAudio",
        multiple_audio,
        (Severity.PROBLEM,),
        sources=(VERIFIER, lazer("AudioPresence", "InconsistentAudio"), CRITERIA),
    ),
    _material(
        "SilentHitSounds", silent_hit_sounds, (Severity.PROBLEM,), sources=(VERIFIER, CRITERIA)
    ),
)
