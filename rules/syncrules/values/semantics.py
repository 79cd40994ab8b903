"""The two meanings that scalar SQL may have; a rules file's options choose one of them."""

from enum import StrEnum


class Semantics(StrEnum):
    """`SQLITE` is real SQLite, to the byte; `POWERSYNC` is the deployed service's default engine."""

    SQLITE = "sqlite"
    POWERSYNC = "powersync"
