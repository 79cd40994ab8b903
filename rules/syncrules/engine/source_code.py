"""Python source in the making: lines, indentation, and the constants that stand beside it.

User text never becomes code. Names in generated source are made up here, and everything that comes
from a rules file is a constant bound to such a name.
"""

import linecache
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_WORDS: Final = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo", "||": "concat",
    "=": "equal", "!=": "unequal", "<": "less", "<=": "at_most", ">": "greater", ">=": "at_least",
    "&": "bit_and", "|": "bit_or", "<<": "shift_left", ">>": "shift_right", "->": "member", "->>": "member_value",
    "and": "all_of", "or": "any_of", "not": "negation", "in": "is_in",
}  # fmt: skip


@dataclass(slots=True)
class SourceCode:
    """Lines of one module, and its constants by name."""

    lines: list[str] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    _depth: int = 0
    _names: dict[tuple[str, object], str] = field(default_factory=dict)
    _count: int = 0

    def line(self, text: str) -> None:
        """Adds a line at the present indentation."""
        self.lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Adds a line, and indents what follows."""
        self.line(header)
        self._depth += 1
        yield
        self._depth -= 1

    def constant(self, value: object) -> str:
        """The name of a constant; one name for one value of one type."""
        return self._bound("k", (type(value).__name__, repr(value)), value)

    def function(self, name: str, function: Callable[..., object]) -> str:
        """The name of a function of the semantics, made from its name in `syncrules.functions`."""
        words = " ".join(_WORDS.get(word, word) for word in name.split())
        readable = "sql_" + re.sub(r"\W+", "_", words)
        self.constants.setdefault(readable, function)
        return readable

    def fresh(self, prefix: str) -> str:
        """A name that is used nowhere else."""
        self._count += 1
        return f"{prefix}{self._count}"

    def text(self) -> str:
        """The whole source."""
        return "\n".join(self.lines) + "\n"

    def listing(self) -> str:
        """The whole source under its constants, for people to read."""
        values = [f"{name} = {value!a}" for name, value in self.constants.items() if re.fullmatch(r"k\d+", name)]
        return "\n".join([*values, self.text()])

    def compiled(self, title: str) -> Mapping[str, object]:
        """What the module defines, by name. Its lines appear in tracebacks under `title`."""
        filename = f"<syncrules {title!a}>"
        text = self.text()
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        namespace: dict[str, object] = dict(self.constants)
        exec(compile(text, filename, "exec"), namespace)  # noqa: S102 (the generator's own text)
        return namespace

    def _bound(self, prefix: str, key: tuple[str, object], value: object) -> str:
        if key not in self._names:
            self._names[key] = f"{prefix}{len(self._names)}"
            self.constants[self._names[key]] = value
        return self._names[key]


def tuple_code(parts: Iterable[str]) -> str:
    """A tuple display, also of one part or none.

    >>> tuple_code(["a"]), tuple_code([])
    ('(a,)', '()')
    """
    return "(" + "".join(f"{part}, " for part in parts).rstrip() + ")"
