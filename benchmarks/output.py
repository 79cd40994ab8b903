"""Files that a benchmark is to write: refused before it runs, not after."""

from argparse import ArgumentTypeError
from pathlib import Path


def output(text: str) -> Path:
    """The path of a file that can be written. Raises ArgumentTypeError."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        message = (
            f"{text} cannot be written: {'it is a folder' if path.is_dir() else f'there is no folder {path.parent}'}"
        )
        raise ArgumentTypeError(message)
    return path
