"""What a client may send: numbers that a file, a clock and a database can hold, and how much."""

from typing import Annotated

from pydantic import Field

LONGEST_NUMBER = 15  # digits
MOST_SONG_BYTES = 256 << 20
MOST_REQUEST_BYTES = 1 << 20  # of every other request, and of what stands around a song in its own

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e7, le=1e7)]
Number = Annotated[int, Field(ge=-1, lt=10**LONGEST_NUMBER)]
"""Of a song's job, of a map, of a change; -1 is before all of them."""
