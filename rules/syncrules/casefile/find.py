"""Case files in folders, and running many of them at once."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from syncrules.casefile.run import FileResult, run_file

SUFFIXES: Final = (".syncrules.yaml", ".syncrules.yml")
_ENOUGH: Final = 8
"""So many files are worth the start of other processes."""
_SKIPPED: Final = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__"})


def case_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The case files that paths name: files as they are, folders searched."""
    for path in paths:
        if path.is_dir():
            for folder, folders, files in os.walk(path):
                folders[:] = sorted(name for name in folders if name not in _SKIPPED)
                yield from (Path(folder, name) for name in sorted(files) if name.endswith(SUFFIXES))
        else:
            yield path


def run_files(
    files: Sequence[Path], wanted: str = "", done: Callable[[FileResult], None] = lambda _: None
) -> list[FileResult]:
    """Runs case files, many of them in several processes; `done` hears of each in turn."""
    results: list[FileResult] = []
    if len(files) < _ENOUGH or (os.cpu_count() or 1) == 1:
        for file in files:
            results.append(run_file(file, wanted))
            done(results[-1])
        return results
    with ProcessPoolExecutor() as pool:
        for result in pool.map(partial(run_file, wanted=wanted), files, chunksize=max(1, len(files) // 32)):
            results.append(result)
            done(result)
    return results
