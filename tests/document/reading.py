"""Short ways to read a text in a test."""

from syncrules.diagnostics import Diagnostic, Source
from syncrules.document import Mapping, Node, Scalar, Sequence, read

Plain = str | int | float | bool | None | dict[object, "Plain"] | list["Plain"]


def node(text: str) -> Node:
    """The node of a text that has nothing wrong."""
    found, diagnostics = read(Source("test.yaml", text))
    assert diagnostics == ()
    assert found is not None
    return found


def value(text: str) -> Plain:
    """The values of a text that has nothing wrong, as Python's own collections."""
    return plain(node(text))


def plain(found: Node) -> Plain:
    """The values of a node, as Python's own collections."""
    match found:
        case Scalar():
            return found.value
        case Mapping():
            return {entry.key.value: plain(entry.value) for entry in found.entries}
        case Sequence():
            return [plain(item) for item in found.items]


def at(text: str, *path: str | int) -> Node:
    """The node that keys and indexes lead to."""
    found = node(text)
    for step in path:
        match found, step:
            case Mapping(), str():
                entry = found.get(step)
                assert entry is not None
                found = entry.value
            case Sequence(), int():
                found = found.items[step]
            case _:
                raise AssertionError(step)
    return found


def written(text: str, *path: str | int) -> str:
    """The characters of the file that a node covers."""
    return Source("test.yaml", text).slice(at(text, *path).span)


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a text."""
    return read(Source("test.yaml", text))[1]


def errors(text: str) -> list[tuple[str, str]]:
    """The codes of what is wrong, each with the characters that it points at."""
    source = Source("test.yaml", text)
    return [(found.code, source.slice(found.span)) for found in diagnostics(text)]
