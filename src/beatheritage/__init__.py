"""BeatHeritage: a song goes in, an osu! beatmap comes out."""

__version__ = "0.1.0"
