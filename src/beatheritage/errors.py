"""The one error that people see: what is wrong, where, and how to mend it."""


class UserError(Exception):
    """Something the user can mend.

    The command line prints it as one line and exits with ``exit_code``; the page shows it as it is.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" ({self.mend})" if self.mend else ""
        return f"{place}{self.what}{mend}"


class InputError(UserError):
    """A file that cannot be used: missing, no audio, broken, too long, silent."""


class OptionError(UserError):
    """An option that does not exist, or whose value is out of range."""


class WeightsError(UserError):
    """Weights that are missing, damaged or do not fit."""


class OutputError(UserError):
    """An output that cannot be written, or that exists already."""
