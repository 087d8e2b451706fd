"""Where osu! maps stand against the sound.

People time their maps so that a red line lies before the acoustic onset it is for; other games'
charts lie on it. Measured on the songs of the training data.
"""

MAP_LEAD_MS = 22.0
"""How long before the sound a red line of osu! stands, in milliseconds."""
