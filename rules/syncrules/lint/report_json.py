"""Findings for programs: JSON of our own, and SARIF 2.1.0 for code scanning."""

import json
from collections.abc import Sequence
from typing import Final

from syncrules.diagnostics import Severity
from syncrules.lint.finding import Finding
from syncrules.lint.rule import Rule

_SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def report_json(findings: Sequence[Finding]) -> str:
    """`{"findings": […]}`; `start` and `end` are offsets in characters, lines and columns count from 1."""
    rows = [
        {
            "code": finding.diagnostic.code,
            "severity": finding.diagnostic.severity,
            "message": finding.diagnostic.message,
            "path": finding.source.name,
            "start": finding.diagnostic.span.start,
            "end": finding.diagnostic.span.end,
            "line": finding.start.line,
            "column": finding.start.column,
            "help": finding.diagnostic.help,
            "example": finding.diagnostic.example,
            "fixable": bool(finding.diagnostic.edits),
        }
        for finding in findings
    ]
    return json.dumps({"findings": rows}, ensure_ascii=False, indent=2)


def report_sarif(findings: Sequence[Finding], rules: Sequence[Rule], version: str) -> str:
    """A SARIF log of one run. Columns count UTF-16 code units, as SARIF's default has it."""
    described = {rule.code: rule for rule in rules}
    codes = sorted({*described, *(finding.diagnostic.code for finding in findings)})
    driver = {
        "name": "syncrules",
        "version": version,
        "rules": [_rule(code, described.get(code)) for code in codes],
    }
    results = [_result(finding, codes.index(finding.diagnostic.code)) for finding in findings]
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _rule(code: str, rule: Rule | None) -> dict[str, object]:
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, object]:
    diagnostic, source = finding.diagnostic, finding.source
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    region = {
        "startLine": finding.start.line,
        "startColumn": _utf16(source.line(finding.start.line), finding.start.column),
        "endLine": finding.end.line,
        "endColumn": _utf16(source.line(finding.end.line), finding.end.column),
    }
    place = {"artifactLocation": {"uri": source.name.replace("\\", "/")}, "region": region}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostic.message + advice},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"syncrules/v1": finding.fingerprint},
    }


def _utf16(line: str, column: int) -> int:
    return column + sum(character > "\uffff" for character in line[: column - 1])
