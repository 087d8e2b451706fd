"""Repairs: what osu!'s own rules find in a map, mended as little as can be.

A repair takes a beatmap and returns one. It changes what a rule names and nothing else, keeps the
rhythm where the rhythm is not at fault, is the same every time, and done twice does nothing more.
``table`` says which rule has which; ``finish`` checks, repairs and checks again.
"""
