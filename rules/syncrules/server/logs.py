"""The log of a service: a JSON object a line, or a line for people where people look."""

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal


class _JsonLine(logging.Formatter):
    """Time, level, logger and message, and what the record has besides."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "details", {}),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class _TextLine(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        details = " ".join(f"{name}={value}" for name, value in getattr(record, "details", {}).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():<7} {record.getMessage()} {details}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


Form = Literal["json", "text"]


@dataclass(frozen=True, slots=True)
class Logs:
    """How a process logs: the form of its lines, and the least level that it tells."""

    form: Form
    level: int = logging.INFO


def set_up_logs(logs: Logs) -> None:
    """Sends the logs of the package, and of its server, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine() if logs.form == "json" else _TextLine())
    for name, least in {"syncrules": logs.level, "uvicorn": logging.WARNING, "psycopg": logging.WARNING}.items():
        log = logging.getLogger(name)
        log.handlers[:] = [handler]
        log.setLevel(least)
        log.propagate = False
