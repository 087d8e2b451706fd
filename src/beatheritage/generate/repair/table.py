"""Which repair mends what a rule finds."""

from collections.abc import Callable, Mapping

from beatheritage.generate.repair import mania_columns, mania_holds, mania_rows, taiko
from beatheritage.osu.beatmap import Beatmap

Repair = Callable[[Beatmap], Beatmap]

# In the order in which they are to be tried: rhythm before what hangs on it.
REPAIRS: Mapping[str, Repair] = {
    "SmallestSnap": taiko.spread_notes,
    "PatternLength": taiko.short_patterns,
    "RestMoments": taiko.rests,
    "ConsecutiveSnaps": mania_rows.slower_rows,
    "LongManiaStreams": mania_rows.short_streams,
    "StreamChords": mania_rows.plain_streams,
    "MaxChordSize": mania_holds.thin_chords,
    "SliderLength": mania_holds.fitting_holds,
    "NotesInLongNotes": mania_holds.fitting_holds,
    "LongNoteReleases": mania_holds.fitting_holds,
    "Minijacks": mania_columns.no_minijacks,
    "Trills": mania_columns.short_trills,
    "ColumnDistribution": mania_columns.even_columns,
    "DoubleHitSounds": mania_rows.single_sounds,
    "ColourChanges": taiko.simple_colours,
    "UnrankableFinishers": taiko.small_notes,
}
