"""Runs the cases of a file: each expectation is a check, and what does not hold is a failure with both sides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from syncrules.auth import TokenError
from syncrules.casefile.model import Case, Expectation, TableCheck
from syncrules.casefile.read import CaseFileError, Placed, read_case_file
from syncrules.casefile.scene import Scene
from syncrules.diagnostics import Diagnostic, RulesError, Source, Span
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import RequestError
from syncrules.resolve.resolution import Resolution

DIAGNOSTICS: Final = "diagnostics"
"""The name under which the diagnostics of the rules are compared."""

ROW_ERRORS: Final = "row errors"
"""The name under which the rows that fail are compared."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that does not hold: what it is about, what is missing, and what is there but should not be."""

    what: str
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a case: how many expectations it has, and those that do not hold."""

    name: str
    line: int
    checks: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of a case file; `problems` say why it could not be run."""

    path: str
    cases: tuple[CaseResult, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    source: Source = field(default_factory=lambda: Source("", ""))

    @property
    def failed(self) -> int:
        """Cases that failed."""
        return sum(bool(case.failures) for case in self.cases)


def run_file(path: Path, wanted: str = "") -> FileResult:
    """Runs the cases of a file whose name holds `wanted`. What is wrong with the file is in the result."""
    try:
        placed = read_case_file(path)
        return run_placed(placed, Scene.read(placed), wanted)
    except (CaseFileError, RulesError) as error:
        return FileResult(str(path), problems=error.diagnostics, source=error.source)
    except OSError as error:
        problem = Diagnostic("case-file", f"{error.strerror or error}", Span(0, 0))
        return FileResult(str(path), problems=(problem,), source=Source(str(path), ""))


def run_placed(placed: Placed, scene: Scene, wanted: str = "") -> FileResult:
    """Runs the cases of a file that was read, in a scene."""
    names = [name for name in names_of(placed, scene) if wanted.lower() in name.lower()]
    results = [run_case(placed, scene, name) for name in names]
    return FileResult(str(placed.path), tuple(results), source=placed.source)


def names_of(placed: Placed, scene: Scene) -> list[str]:
    """What is run of a file: what it promises of the rules and the rows themselves, and its cases."""
    promised = [DIAGNOSTICS] if placed.file.diagnostics is not None else []
    failing = [ROW_ERRORS] if scene.row_errors or placed.file.row_errors else []
    return [*promised, *failing, *(case.name for case in placed.file.cases)]


def run_case(placed: Placed, scene: Scene, name: str) -> CaseResult:
    """Runs the case of a name, or compares the diagnostics or the row errors with those that the file lists."""
    number = placed.numbers.get(name)
    if number is None:
        return CaseResult(name, placed.line_of(name), 1, tuple(_of_file(placed, scene, name)))
    case = placed.file.cases[number]
    return CaseResult(name, placed.line_of(name), count_checks(case.expect), tuple(failures_in(scene, case)))


def _of_file(placed: Placed, scene: Scene, name: str) -> Iterator[Failure]:
    if name == DIAGNOSTICS:
        found = [each.code for each in scene.rules.diagnostics]
        yield from _compare("diagnostics of the rules", placed.file.diagnostics or (), found)
        return
    ids = {(change.table, change.key): change.row.get("id", change.key) for change in scene.changes}
    failed = [f"{row[0].name} {ids[row]}" for row in scene.row_errors]
    yield from _compare("rows that cannot be evaluated", placed.file.row_errors, failed)


def count_checks(expect: Expectation) -> int:
    """How many expectations a case has: one for each thing that is compared."""
    if expect.refused is not None:
        return 1
    tables = len(expect.rows or {}) + len(expect.visible) + len(expect.forbidden)
    return 1 + tables + (expect.buckets is not None) + (expect.max_buckets is not None)


def failures_in(scene: Scene, case: Case) -> Iterator[Failure]:
    """What a case promises and a scene does not keep."""
    expect = case.expect
    try:
        resolution = scene.resolve(scene.request_of(case))
    except (TokenError, LimitExceeded) as error:
        if expect.refused != str(error.code):
            wanted = (expect.refused,) if expect.refused else ("an answer",)
            yield Failure("the connection", wanted, (f"refused with {error.code}: {error}",))
        return
    except RequestError as error:
        yield Failure("the connection", ("a connection",), (str(error),))
        return
    if expect.refused is not None:
        yield Failure("the connection", (f"refused with {expect.refused}",), ("an answer",))
        return
    yield from _failures(scene, expect, resolution)


def _failures(scene: Scene, expect: Expectation, resolution: Resolution) -> Iterator[Failure]:
    errors = sorted({error.definition for error in resolution.errors})
    yield from _compare("streams that cannot be evaluated", sorted(set(expect.errors)), errors)
    buckets = [bucket.id for bucket in resolution.buckets]
    if expect.buckets is not None:
        yield from _compare("buckets", expect.buckets, buckets)
    if expect.max_buckets is not None and len(buckets) > expect.max_buckets:
        yield Failure("number of buckets", (f"at most {expect.max_buckets}",), (str(len(buckets)),))
    rows = scene.rows(resolution)
    if expect.rows is not None:
        for table in sorted({*expect.rows, *rows}):
            yield from _compare(f"rows of `{table}`", expect.rows.get(table, []), rows.get(table, ()))
    for table, check in expect.visible.items():
        seen = rows.get(table, set())
        match check:
            case TableCheck(includes=includes, excludes=excludes):
                missing, unexpected = set(includes) - seen, set(excludes) & seen
                if missing or unexpected:
                    yield Failure(f"rows of `{table}`", _sorted(missing), _sorted(unexpected))
            case _:
                yield from _compare(f"rows of `{table}`", check, seen)
    for table, ids in expect.forbidden.items():
        leaked = set(ids) & rows.get(table, set())
        if leaked:
            yield Failure(f"forbidden rows of `{table}`", (), _sorted(leaked))


def _compare(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[Failure]:
    missing, unexpected = set(wanted) - set(found), set(found) - set(wanted)
    if missing or unexpected:
        yield Failure(what, _sorted(missing), _sorted(unexpected))


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))
