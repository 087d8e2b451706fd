"""Asking on the terminal: one thing at a time, with what is usual in brackets.

Several names out of a list are chosen with the arrow keys where there is a terminal, else by their
numbers.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from beatheritage.errors import OptionError

Answer = Callable[[str], str]
"""Shows a question and gives what was typed."""

UP, DOWN, TOGGLE, DONE = "up", "down", "toggle", "done"
_SEQUENCES = {"\x1b[A": UP, "\x1b[B": DOWN, " ": TOGGLE, "\r": DONE, "\n": DONE}
_WINDOWS = {"H": UP, "P": DOWN}  # after a first character that says that one follows
_INTERRUPTS = ("\x03", "\x04")


def ask(answer: Answer, question: str, usual: str = "") -> str:
    """What was typed, or what is usual."""
    shown = f"{question} [{usual}]: " if usual else f"{question}: "
    try:
        return answer(shown).strip() or usual
    except EOFError as error:
        raise OptionError("nothing more was typed", mend="answer, or leave -i out") from error


def ask_one(answer: Answer, question: str, names: Sequence[str], usual: int) -> int:
    """The index of one of several, by its number; asked again for what is no number of one."""
    for number, name in enumerate(names, 1):
        print(f"  {number}) {name}")
    while True:
        said = ask(answer, question, str(usual + 1))
        if said.isdigit() and 1 <= int(said) <= len(names):
            return int(said) - 1
        print(f"  a number from 1 to {len(names)}, please")


def ask_several(answer: Answer, question: str, names: Sequence[str]) -> tuple[str, ...]:
    """Any of several names: by arrow keys on a terminal, else by numbers between commas."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(f"{question} (arrows, space, enter)")
        with pressed_keys() as keys:
            return choose(names, keys)
    for number, name in enumerate(names, 1):
        print(f"  {number}) {name}")
    while True:
        words = ask(answer, f"{question} (numbers between commas, or nothing)").split(",")
        said = [word.strip() for word in words if word.strip()]
        if all(word.isdigit() and 1 <= int(word) <= len(names) for word in said):
            return tuple(names[int(word) - 1] for word in said)
        print(f"  numbers from 1 to {len(names)}, please")


@dataclass(slots=True)
class Menu:
    """Names of which some are chosen, and the one that the cursor is on."""

    names: Sequence[str]
    at: int = 0
    chosen: set[int] = field(default_factory=set)

    def press(self, key: str) -> None:
        if key == TOGGLE:
            self.chosen ^= {self.at}
        elif key in (UP, DOWN):
            self.at = (self.at + (1 if key == DOWN else -1)) % len(self.names)

    def lines(self) -> list[str]:
        return [
            f"{'>' if index == self.at else ' '} [{'x' if index in self.chosen else ' '}] {name}"
            for index, name in enumerate(self.names)
        ]


def choose(names: Sequence[str], keys: Iterable[str]) -> tuple[str, ...]:
    """What is chosen when enter is pressed, or no key comes any more."""
    menu = Menu(names)
    print("\n".join(menu.lines()), flush=True)
    for key in keys:
        if key == DONE:
            break
        menu.press(key)
        drawn = "\n".join(f"\x1b[2K{line}" for line in menu.lines())
        print(f"\x1b[{len(names)}A{drawn}", flush=True)
    return tuple(name for index, name in enumerate(names) if index in menu.chosen)


@contextmanager
def pressed_keys() -> Iterator[Iterator[str]]:
    """Keys as they are pressed, by name; the terminal is as it was afterwards."""
    if os.name == "nt":
        yield _windows_keys()
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number)
        yield _keys(lambda: os.read(number, 3).decode(errors="replace"))
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _keys(read: Callable[[], str]) -> Iterator[str]:
    while True:
        typed = read()
        if typed in _INTERRUPTS or not typed:
            raise KeyboardInterrupt
        yield _SEQUENCES.get(typed, typed)


def _windows_keys() -> Iterator[str]:
    import msvcrt

    def read() -> str:
        typed = msvcrt.getwch()  # pyright: ignore[reportAttributeAccessIssue]
        if typed not in ("\x00", "\xe0"):
            return typed
        return _WINDOWS.get(msvcrt.getwch(), "")  # pyright: ignore[reportAttributeAccessIssue]

    while True:
        typed = read()
        if typed in _INTERRUPTS:
            raise KeyboardInterrupt
        yield _SEQUENCES.get(typed, typed)
