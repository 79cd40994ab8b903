"""Reads a case file: YAML with places, checked against its model, every mistake where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from syncrules.casefile.model import CaseFile
from syncrules.diagnostics import Diagnostic, Source, Span, in_order
from syncrules.document import Mapping as MappingNode
from syncrules.document import Node, Scalar, read
from syncrules.document import Sequence as SequenceNode

Path_ = tuple[str | int, ...]


class CaseFileError(Exception):
    """A case file cannot be used. `diagnostics` says everything that is wrong with it."""

    def __init__(self, source: Source, diagnostics: Sequence[Diagnostic]) -> None:
        self.source = source
        self.diagnostics = in_order(diagnostics)
        first = source.position(self.diagnostics[0].span.start)
        super().__init__(f"{source.name}:{first.line}:{first.column}: {self.diagnostics[0].message}")


@dataclass(frozen=True, slots=True)
class Placed:
    """A case file, its text, and where each part of it stands."""

    path: Path
    file: CaseFile
    source: Source
    document: Node
    numbers: Mapping[str, int]
    """The places of the cases, by their names."""

    def span(self, *path: str | int) -> Span:
        """Where a part stands, or else the innermost part around it."""
        return _span(self.document, path)

    def error(self, code: str, message: str, *path: str | int, instead: str | None = None) -> CaseFileError:
        """An error about a part of the file."""
        return CaseFileError(self.source, [Diagnostic(code, message, self.span(*path), help=instead)])

    def line_of(self, case: str) -> int:
        """The line of the case of this name; of the key of this name where no case has it."""
        number = self.numbers.get(case)
        span = self.span(case.replace(" ", "_")) if number is None else self.span("cases", number)
        return self.source.position(span.start).line

    def beside(self, name: str) -> Path:
        """A path that the file names."""
        return self.path.parent / name


def read_case_file(path: Path) -> Placed:
    """The case file at a path. Raises CaseFileError, OSError."""
    source = Source(str(path), path.read_text("utf-8", errors="replace"))
    document, diagnostics = read(source)
    if document is None or any(found.severity == "error" for found in diagnostics):
        raise CaseFileError(source, diagnostics)
    try:
        file = CaseFile.model_validate(plain(document))
    except ValidationError as error:
        found = [
            Diagnostic("case-file", _message(each["type"], each["msg"], each["loc"]), _span(document, each["loc"]))
            for each in error.errors(include_url=False)
        ]
        raise CaseFileError(source, found) from None
    placed = Placed(path, file, source, document, {case.name: number for number, case in enumerate(file.cases)})
    found = [*_meaningless(placed)]
    if found:
        raise CaseFileError(source, found)
    return placed


def _meaningless(placed: Placed) -> Iterator[Diagnostic]:
    """What has the right shape and still means nothing: two cases of one name, and cases of nobody."""
    names: set[str] = set()
    for number, case in enumerate(placed.file.cases):
        if case.name in names:
            message = f"a case is called `{case.name}` already"
            yield Diagnostic(
                "duplicate-case", message, placed.span("cases", number, "name"), help="give it another name"
            )
        names.add(case.name)
        if case.person not in placed.file.people:
            close = get_close_matches(case.person, placed.file.people, n=1)
            instead = (
                f"did you mean `{close[0]}`?" if close else f"`people` has {', '.join(placed.file.people) or 'nobody'}"
            )
            message = f"nobody is called `{case.person}`"
            yield Diagnostic("unknown-person", message, placed.span("cases", number, "person"), help=instead)


def plain(node: Node) -> object:
    """What a node holds, as plain values."""
    match node:
        case Scalar():
            return node.value
        case SequenceNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {entry.key.text.text: plain(entry.value) for entry in node.entries}


def _message(kind: str, message: str, place: Path_) -> str:
    name = next((part for part in reversed(place) if isinstance(part, str)), "the file")
    match kind:
        case "extra_forbidden":
            return f"there is no key `{place[-1]}` here"
        case "missing":
            return f"the key `{place[-1]}` is missing"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return f"`{name}`: {message[:1].lower()}{message[1:]}"


def _span(node: Node, path: Path_) -> Span:
    """Where a path leads; names that pydantic gives to the members of a union lead nowhere, and are passed over."""
    span = node.span
    for place, part in enumerate(path):
        match node:
            case MappingNode() if isinstance(part, str) and (entry := node.get(part)) is not None:
                last = place == len(path) - 1
                span = (
                    entry.key.span if last and isinstance(entry.value, MappingNode | SequenceNode) else entry.value.span
                )
                span = span if span.end > span.start else entry.key.span
                node = entry.value
            case SequenceNode(items=items) if isinstance(part, int) and part < len(items):
                node = items[part]
                span = node.span
            case _:
                pass
    return Span(span.start, max(span.end, span.start))
