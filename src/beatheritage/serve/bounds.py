"""What numbers a client may send: those that a file, a clock and a database can hold."""

from typing import Annotated

from pydantic import Field

LONGEST_NUMBER = 15  # digits

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e7, le=1e7)]
Number = Annotated[int, Field(ge=-1, lt=10**LONGEST_NUMBER)]
"""Of a song's job, of a map, of a change; -1 is before all of them."""
