"""What a project has decided about findings: `[tool.syncrules.lint]` of `pyproject.toml`, or `syncrules.toml`.

[lint]                                  # [tool.syncrules.lint] in pyproject.toml
ignore = ["short-alias"]
schema = "supabase/migrations"

[lint.per-file-ignores]
"legacy/*.yaml" = ["avoidable-buckets"]
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from syncrules.diagnostics import Diagnostic, Severity

_KEYS: Final = frozenset({"ignore", "per-file-ignores", "schema"})


class SettingsError(Exception):
    """A settings file says something that means nothing. The text says which and what."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Codes that are ignored everywhere, and in files by pattern; where the schema is. Errors are never ignored."""

    ignore: frozenset[str] = frozenset()
    per_file: Mapping[str, frozenset[str]] = field(default_factory=dict)
    schema: str | None = None
    folder: Path = Path()

    def keeps(self, path: Path, diagnostic: Diagnostic) -> bool:
        """Whether a finding in a file is reported."""
        if diagnostic.severity is Severity.ERROR:
            return True
        ignored = self.ignore.union(*(codes for pattern, codes in self.per_file.items() if self._fits(path, pattern)))
        return diagnostic.code not in ignored

    def _fits(self, path: Path, pattern: str) -> bool:
        try:
            relative = path.resolve().relative_to(self.folder.resolve()).as_posix()
        except ValueError:
            return False
        return fnmatch(relative, pattern)


def find_settings(start: Path) -> Settings:
    """The settings of the nearest folder that has any, from `start` upwards. Raises SettingsError."""
    for folder in (start.resolve(), *start.resolve().parents):
        for name, path in (("syncrules.toml", ()), ("pyproject.toml", ("tool", "syncrules"))):
            file = folder / name
            if file.is_file():
                section = _section(file, (*path, "lint"))
                if section is not None:
                    return _settings(file, section)
    return Settings()


def _section(file: Path, path: tuple[str, ...]) -> Mapping[str, object] | None:
    try:
        found: object = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{file}: {error}"
        raise SettingsError(msg) from None
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _settings(file: Path, section: Mapping[str, object]) -> Settings:
    unknown = sorted(section.keys() - _KEYS)
    if unknown:
        msg = f"{file}: `lint` has no key `{unknown[0]}`; it has {', '.join(sorted(_KEYS))}"
        raise SettingsError(msg)
    per_file = section.get("per-file-ignores", {})
    schema = section.get("schema")
    if not isinstance(per_file, dict) or not isinstance(schema, str | None):
        msg = f"{file}: `per-file-ignores` is a table of lists, and `schema` a text"
        raise SettingsError(msg)
    return Settings(
        _codes(file, section.get("ignore", [])),
        {pattern: _codes(file, codes) for pattern, codes in per_file.items()},
        schema,
        file.parent,
    )


def _codes(file: Path, codes: object) -> frozenset[str]:
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        msg = f"{file}: what is ignored is a list of codes"
        raise SettingsError(msg)
    return frozenset(codes)
