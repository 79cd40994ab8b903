r"""JSON paths: what `$.a[0]."b.c"[#-1]` says, and where it leads in a tree.

A path is a tuple of steps: text is a key, a number an index, and a negative one counts from the end. What
cannot be read ends the path as a `Flaw`, which counts only if the walk gets there.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import Final

from syncrules.values.json5 import JsonObject, json_string_from
from syncrules.values.json_text import is_index
from syncrules.values.value import EvaluationError

PATHS_KEPT: Final = 1024
"""How many paths are remembered in their parsed form."""


class Flaw(Enum):
    """What is wrong with the rest of a path: SQLite sees a bad index only once it stands at an array."""

    STEP = "a key or an index should follow"
    INDEX = "an index is a number, `#` or `#-` and a number"


class Missing(Enum):
    """What a path leads to when it leads nowhere."""

    MISSING = "missing"


Step = str | int | Flaw
Path = tuple[Step, ...]

MISSING: Final = Missing.MISSING

_BEYOND: Final = 2**32
_KEY: Final = re.compile(r'\.(?:"((?:[^"\\]|\\.)*+)"|(?!")([^.\[]+))', re.DOTALL)
_INDEX: Final = re.compile(r"\[(?:([0-9]+)|#(?:-([0-9]+))?)\]")


@lru_cache(PATHS_KEPT)
def read_path(text: str) -> Path:
    r"""The steps that follow the `$` of a path.

    >>> read_path('.a[0]."b.c"[#-1]')
    ('a', 0, 'b.c', -1)
    >>> read_path(".a.")
    ('a', <Flaw.STEP: 'a key or an index should follow'>)
    """
    steps: list[Step] = []
    place = 0
    while place < len(text):
        if key := _KEY.match(text, place):
            quoted = key[1]
            steps.append(key[2] if quoted is None else str(json_string_from(quoted)))
            place = key.end()
        elif index := _INDEX.match(text, place):
            steps.append(_index(index[1], index[2]))
            place = index.end()
        else:
            steps.append(Flaw.INDEX if text[place] == "[" else Flaw.STEP)
            break
    return tuple(steps)


def follow_json5(tree: object, path: Path) -> object:
    """What a path leads to in a tree of `read_json5`, or MISSING.

    Raises EvaluationError where the walk meets a flaw of the path, as SQLite does.
    """
    for step in path:
        if type(step) is str:
            if type(tree) is not JsonObject:
                return MISSING
            for key, member in tree:
                if key == step:
                    tree = member
                    break
            else:
                return MISSING
        elif type(step) is int:
            if type(tree) is not list or not -len(tree) <= step < len(tree):
                return MISSING
            tree = tree[step]
        elif step is Flaw.STEP or type(tree) is list:
            raise bad_path(step)
        else:
            return MISSING
    return tree


def follow_json(tree: object, path: Path) -> object:
    """What a path leads to in a tree of `read_json`, or MISSING: a key of digits is an index in an array.

    Raises EvaluationError as `follow_json5` does.
    """
    for step in path:
        if type(tree) is dict:
            if step is Flaw.STEP:
                raise bad_path(step)
            # Keys are text, so that an index finds none.
            tree = tree.get(step, MISSING)
            if tree is MISSING:
                return MISSING
        elif type(tree) is list:
            if type(step) is str:
                if not is_index(step):
                    return MISSING
                position = int(step)
            elif type(step) is int:
                position = step
            else:
                raise bad_path(step)
            if not -len(tree) <= position < len(tree):
                return MISSING
            tree = tree[position]
        elif step is Flaw.STEP:
            raise bad_path(step)
        else:
            return MISSING
    return tree


def bad_path(flaw: Step) -> EvaluationError:
    """The error for a walk that met a flaw."""
    reason = flaw.value if isinstance(flaw, Flaw) else str(flaw)
    return EvaluationError(f"malformed JSON path: {reason}")


def _index(digits: str | None, from_end: str | None) -> int:
    if digits is not None:
        return _bounded(digits)
    return -_bounded(from_end or "0") or _BEYOND


def _bounded(digits: str) -> int:
    # More digits than any array has elements; int() refuses thousands of them.
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= len(str(_BEYOND)) else _BEYOND
