"""pytest collects `*.syncrules.yaml` by itself: a test for each case."""

from collections.abc import Iterator
from pathlib import Path

import pytest


class CasesFile(pytest.File):
    """A case file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases. What is wrong with the file itself fails the collection."""
        from syncrules.casefile.read import CaseFileError, read_case_file
        from syncrules.casefile.run import names_of
        from syncrules.casefile.scene import Scene
        from syncrules.diagnostics import RulesError, render_line

        try:
            placed = read_case_file(self.path)
            scene = Scene.read(placed)
        except (CaseFileError, RulesError) as error:
            lines = [render_line(found, error.source) for found in error.diagnostics]
            raise self.CollectError("\n".join(lines)) from None
        for name in names_of(placed, scene):
            yield CaseItem.from_parent(self, name=name, placed=placed, scene=scene)


class CaseItem(pytest.Item):
    """A case, or what the rules' diagnostics must be."""

    def __init__(self, *, placed: object, scene: object, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.placed = placed
        self.scene = scene

    def runtest(self) -> None:
        """Fails with both sides of each difference."""
        from syncrules.casefile.read import Placed
        from syncrules.casefile.report import failure_lines
        from syncrules.casefile.run import run_case
        from syncrules.casefile.scene import Scene

        assert isinstance(self.placed, Placed)
        assert isinstance(self.scene, Scene)
        result = run_case(self.placed, self.scene, self.name)
        if result.failures:
            raise CaseFailedError("\n".join(line for each in result.failures for line in failure_lines(each)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The difference alone: there is no code of the user's to show."""
        if isinstance(excinfo.value, CaseFailedError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))  # type: ignore[arg-type]

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        from syncrules.casefile.read import Placed

        assert isinstance(self.placed, Placed)
        return self.path, self.placed.line_of(self.name) - 1, self.name


class CaseFailedError(Exception):
    """A case failed."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Takes the files that are called so."""
    if file_path.name.endswith((".syncrules.yaml", ".syncrules.yml")):
        made: pytest.File = CasesFile.from_parent(parent, path=file_path)
        return made
    return None
