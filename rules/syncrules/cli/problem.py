"""Problems of a command line: one line with a code, and the exit status that goes with it.

Exit statuses: 0 done, 1 the token is refused, 2 bad input (arguments, files, rules, configuration).
"""

from typing import Final

BAD_INPUT: Final = 2
REFUSED: Final = 1


class Problem(Exception):
    """Ends the command. `lines` are printed to standard error, each a problem of its own."""

    def __init__(self, code: str, message: str, status: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.lines: tuple[str, ...] = (f"error[{code}]: {message}",)
        self.status = status


class Problems(Problem):
    """Several problems at once, already written as lines."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("several", "several problems")
        self.lines = lines
