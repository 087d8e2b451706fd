"""The rules that no file can answer, each with the reason why it is not judged here."""

from typing import NamedTuple

from beatheritage.review.rule import CRITERIA, LAZER, VERIFIER


class Unjudged(NamedTuple):
    rule: str
    source: str
    reason: str


UNJUDGED = (
    Unjudged(
        "MappersGuildBackground",
        VERIFIER,
        "it informs about the Mappers' Guild, a contest whose terms stand in no file and change",
    ),
    Unjudged(
        "VideoUsage",
        LAZER,
        "it asks whether the site offers a video that the set lacks, which needs the site",
    ),
    Unjudged(
        "video codec H.264, picture of a video that suits",
        CRITERIA,
        "sizes and sound are read from headers; how pictures are coded and look needs a decoder",
    ),
    Unjudged(
        "videos in other containers than MP4, QuickTime, AVI and FLV",
        CRITERIA,
        "VideoResolution and AudioInVideo say nothing of them; FLV headers do not give the size",
    ),
    Unjudged(
        "BPM and offset are right",
        CRITERIA,
        "`beatheritage timing` hears them; a difference is an estimate, not a broken rule",
    ),
    Unjudged(
        "audio is not encoded upwards",
        CRITERIA,
        "a low cut-off in the spectrum is a hint at most: some songs are recorded so",
    ),
    Unjudged(
        "hitsounds are audible beside the song",
        CRITERIA,
        "it is heard, at the volume that a player chose; Muted judges what the map sets",
    ),
    Unjudged(
        "metadata is that of the artist",
        CRITERIA,
        "only a source outside the files knows it; form and consistency are judged",
    ),
    Unjudged(
        "romanisation follows the standard",
        CRITERIA,
        "readings of names are knowledge; that the fields are ASCII is judged (Unicode)",
    ),
    Unjudged(
        "names of difficulties are progressive",
        CRITERIA,
        "custom names are allowed, and whether one sounds harder than another is taste",
    ),
    Unjudged(
        "pictures and texts are decent; songs may be used",
        CRITERIA,
        "content is judged by people",
    ),
    Unjudged(
        "objects, hitsounds and timing come from people",
        CRITERIA,
        "nothing in a file proves it; maps written here say of themselves that they are not",
    ),
    Unjudged(
        "paths of sliders are readable, rhythms fit the song, patterns are comfortable",
        CRITERIA,
        "it is taste; what has a number (Burai, Ambiguity, AbnormalNodes) is judged",
    ),
    Unjudged(
        "combos, jumps and spacing stress what the music does",
        CRITERIA,
        "what the music stresses is heard; lengths of combos and odd spacing are judged",
    ),
    Unjudged(
        "reverse arrows follow the visible way of their slider",
        CRITERIA,
        "the last pixels of a curve point somewhere always; how that looks is for the eye",
    ),
    Unjudged(
        "objects do not lie under the interface or the default skin's parts",
        CRITERIA,
        "players choose skin, size and place of the interface",
    ),
    Unjudged(
        "1/3 instead of 1/2 and 1/4 where a song swings",
        CRITERIA,
        "whether a song swings is heard; a Kantan's and a lowest Futsuu's 1/3 are warnings",
    ),
    Unjudged(
        "taiko: notes follow a layer of the song, no template backgrounds, drum-like samples",
        CRITERIA,
        "it is heard and seen; offsets of the background are judged (BgOffsetIssues)",
    ),
    Unjudged(
        "catch: walks look unlike dashes, no strong hyperdashes, no spinner traps",
        CRITERIA,
        "the criteria give no number; bananas fall at random places",
    ),
    Unjudged(
        "mania: brackets, split jumptrills, gimmicks of slider velocity one can react to",
        CRITERIA,
        "which hand plays a column is the player's choice; lasting changes are judged",
    ),
    Unjudged(
        "mania: Auto reaches 1,000,000",
        CRITERIA,
        "it does wherever no notes of a column overlap in time, which Concurrent judges",
    ),
    Unjudged(
        "guest difficulties' shares, host's share, spread by host",
        CRITERIA,
        "who made what is not in the files",
    ),
    Unjudged(
        "a proper spread of fewer levels in catch and mania",
        CRITERIA,
        "the alternative to LowestDiff's table is a judgement; the strictest table is the default",
    ),
)
