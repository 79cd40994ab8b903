"""Findings where continuous integration shows them: GitHub's annotations, and JUnit's test reports."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from syncrules.diagnostics import Severity
from syncrules.lint.finding import Finding


def report_github(findings: Sequence[Finding]) -> str:
    """A workflow command for each finding, which GitHub shows beside the line."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    diagnostic, start, end = finding.diagnostic, finding.start, finding.end
    level = "error" if diagnostic.severity is Severity.ERROR else "warning"
    properties = {
        "file": finding.source.name,
        "line": start.line,
        "endLine": end.line,
        "col": start.column,
        "endColumn": end.column,
        "title": diagnostic.code,
    }
    advice = f"\n{diagnostic.help}" if diagnostic.help else ""
    written = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    return f"::{level} {written}::{_escaped(diagnostic.message + advice)}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def report_junit(findings: Sequence[Finding], files: Sequence[str]) -> str:
    """A test suite with a case for each file, which fails if anything was found in it."""
    suite = ET.Element("testsuite", name="syncrules lint", tests=str(len(files)))
    by_file = {name: [*group] for name, group in groupby(findings, key=lambda finding: finding.source.name)}
    for name in files:
        case = ET.SubElement(suite, "testcase", classname="syncrules.lint", name=_printable(name))
        found = by_file.get(name, [])
        if found:
            first = found[0].diagnostic
            failure = ET.SubElement(case, "failure", message=_printable(first.message), type=first.code)
            failure.text = _printable("\n".join(map(_line, found)))
    suite.set("failures", str(sum(name in by_file for name in files)))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode")


def _line(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    place = f"{finding.source.name}:{finding.start.line}:{finding.start.column}"
    return f"{place}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}{advice}"


def _printable(text: str) -> str:
    """Characters that XML cannot hold, written as escapes."""
    return "".join(c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else f"\\x{ord(c):02x}" for c in text)
