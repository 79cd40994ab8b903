"""Mends what is sure: the edits of findings, made only if what syncs stays the same.

A file that compiled has the same plan afterwards. A file that did not loses errors and gets none that it did not have;
nothing can be deployed of it before, so nothing that syncs can change. Edits that would do more are left to people.
"""

from collections import Counter
from typing import Final

from syncrules.diagnostics import Diagnostic, Edit, Severity
from syncrules.lint.edit import apply_edits
from syncrules.lint.file import RulesFile
from syncrules.lint.run import Report, report
from syncrules.schema import Schema

_ROUNDS: Final = 10
"""Mending one thing can uncover another, but not for ever."""


def fix(file: RulesFile, schema: Schema | None = None) -> RulesFile:
    """The file with all that is sure mended; the same file if nothing is."""
    for _ in range(_ROUNDS):
        mended = _mended(file, schema)
        if mended.source.text == file.source.text:
            break
        file = mended
    return file


def _mended(file: RulesFile, schema: Schema | None) -> RulesFile:
    before = report(file.rules, schema)
    fixable = [found.edits for found in file.placed(before.findings) if found.edits]
    together = _with(file, [edit for edits in fixable for edit in edits])
    if _is_safe(before, report(together.rules, schema)):
        return together
    for edits in fixable:
        alone = _with(file, edits)
        if _is_safe(before, report(alone.rules, schema)):
            return alone
    return file


def _with(file: RulesFile, edits: tuple[Edit, ...] | list[Edit]) -> RulesFile:
    return file.with_text(apply_edits(file.source.text, edits))


def _is_safe(before: Report, after: Report) -> bool:
    old, new = _errors(before.findings), _errors(after.findings)
    if before.plan is None:
        return new < old
    return after.plan == before.plan and new <= old


def _errors(findings: tuple[Diagnostic, ...]) -> Counter[tuple[str, str]]:
    """The errors by what they say: their places move."""
    return Counter((found.code, found.message) for found in findings if found.severity is Severity.ERROR)
