"""What came of case files, as text for people, JSON and JUnit."""

import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from syncrules.casefile.run import CaseResult, Failure, FileResult
from syncrules.diagnostics import render_line


def report_text(results: Sequence[FileResult], seconds: float) -> str:
    """Every failure with both sides of the difference, and a summary.

    >>> failure = Failure("rows of `lists`", missing=("l3",), unexpected=("l9",))
    >>> print(report_text([FileResult("a.syncrules.yaml", (CaseResult("ada", 7, 2, (failure,)),))], 0.25))
    FAILED a.syncrules.yaml:7: ada
      rows of `lists`
        - l3  (expected, but not there)
        + l9  (there, but not expected)
    <BLANKLINE>
    1 of 1 case failed, 2 expectations in 1 file, 0.25 s
    """
    lines: list[str] = []
    for result in results:
        lines += [f"ERROR {render_line(problem, result.source)}" for problem in result.problems]
        for case in result.cases:
            if case.failures:
                lines.append(f"FAILED {result.path}:{case.line}: {case.name}")
                lines += [line for failure in case.failures for line in failure_lines(failure)]
                lines.append("")
    return "\n".join([*lines, _summary(results, seconds)])


def failure_lines(failure: Failure) -> list[str]:
    """A failure as indented lines."""
    return [
        f"  {failure.what}",
        *(f"    - {each}  (expected, but not there)" for each in failure.missing),
        *(f"    + {each}  (there, but not expected)" for each in failure.unexpected),
    ]


def report_json(results: Sequence[FileResult], seconds: float) -> str:
    """`{"files": […], "seconds": …}`; a case passed if it has no failures."""
    files = [
        {
            "path": result.path,
            "problems": [render_line(problem, result.source) for problem in result.problems],
            "cases": [_case(case) for case in result.cases],
        }
        for result in results
    ]
    return json.dumps({"files": files, "seconds": round(seconds, 3)}, ensure_ascii=False, indent=2)


def _case(case: CaseResult) -> dict[str, object]:
    failures = [
        {"what": each.what, "missing": list(each.missing), "unexpected": list(each.unexpected)}
        for each in case.failures
    ]
    return {"name": case.name, "line": case.line, "expectations": case.checks, "failures": failures}


def report_junit(results: Sequence[FileResult], seconds: float) -> str:
    """JUnit's XML: a suite for each file, a test for each case."""
    root = ET.Element("testsuites", time=f"{seconds:.3f}")
    for result in results:
        suite = ET.SubElement(root, "testsuite", name=_printable(result.path), tests=str(len(result.cases)))
        suite.set("failures", str(result.failed))
        suite.set("errors", str(len(result.problems)))
        for problem in result.problems:
            test = ET.SubElement(suite, "testcase", classname=_printable(result.path), name=problem.code)
            ET.SubElement(test, "error", message=_printable(render_line(problem, result.source)))
        for case in result.cases:
            test = ET.SubElement(suite, "testcase", classname=_printable(result.path), name=_printable(case.name))
            if case.failures:
                text = "\n".join(line for failure in case.failures for line in failure_lines(failure))
                message = "; ".join(failure.what for failure in case.failures)
                ET.SubElement(test, "failure", message=_printable(message)).text = _printable(text)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _printable(text: str) -> str:
    """XML has no control characters but blanks, and no halves of a pair."""
    return "".join(c if c.isprintable() or c in "\n\t " else "�" for c in text)


def _summary(results: Sequence[FileResult], seconds: float) -> str:
    cases = sum(len(result.cases) for result in results)
    checks = sum(case.checks for result in results for case in result.cases)
    failed = sum(result.failed for result in results)
    broken = sum(bool(result.problems) for result in results)
    verdict = f"{failed} of {_count(cases, 'case')} failed" if failed else f"{_count(cases, 'case')} passed"
    errors = f", {_count(broken, 'file')} could not be run" if broken else ""
    return f"{verdict}{errors}, {_count(checks, 'expectation')} in {_count(len(results), 'file')}, {seconds:.2f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
