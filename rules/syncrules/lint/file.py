"""Rules files in folders, and rules that stand inside a service's configuration."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from syncrules.diagnostics import Diagnostic, Edit, Source
from syncrules.document import Entry, MappedText, Mapping, Scalar, read

MAXIMUM_BYTES: Final = 8 * 1024 * 1024
_RULES: Final = re.compile(r"^(?:bucket_definitions|streams)[ \t]*:", re.MULTILINE)
_INLINE: Final = re.compile(r"^(?:sync_rules|sync_config)[ \t]*:", re.MULTILINE)
_SKIPPED: Final = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "dist", "build"})


class FileError(Exception):
    """A file cannot be linted at all. The text says which, and why."""


@dataclass(frozen=True, slots=True)
class RulesFile:
    """A file with rules: `source` is the whole file, `inline` the text of its rules where they stand inside it."""

    path: Path
    source: Source
    inline: MappedText | None = None

    @property
    def rules(self) -> Source:
        """The rules alone."""
        return self.source if self.inline is None else Source(self.source.name, self.inline.text)

    def placed(self, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Findings about the rules, with their places in the whole file."""
        inline = self.inline
        if inline is None:
            return tuple(findings)
        return tuple(
            replace(one, span=inline.span(one.span.start, one.span.end), edits=self.place(one.edits))
            for one in findings
        )

    def place(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Edits of the rules, with their places in the whole file."""
        inline = self.inline
        if inline is None:
            return tuple(edits)
        return tuple(replace(edit, span=inline.span(edit.span.start, edit.span.end)) for edit in edits)

    def with_text(self, text: str) -> "RulesFile":
        """The same file if it held another text."""
        return _rules_file(self.path, text)


def rules_files(paths: Iterable[Path]) -> Iterator[RulesFile]:
    """The rules files that paths name: files as they are, folders searched for YAML that holds rules.

    Raises FileError.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(_yaml_files(path)):
                text = _text(file)
                if _RULES.search(text) or _INLINE.search(text):
                    found = _rules_file(file, text)
                    if found.inline is not None or _RULES.search(text):
                        yield found
        else:
            yield _rules_file(path, _text(path))


def _yaml_files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in _SKIPPED:
                yield from _yaml_files(entry)
        elif entry.suffix in {".yaml", ".yml"}:
            yield entry


def _rules_file(path: Path, text: str) -> RulesFile:
    source = Source(str(path), text)
    return RulesFile(path, source, _inline(source) if _INLINE.search(text) else None)


def _inline(source: Source) -> MappedText | None:
    """The rules in a service's configuration: `sync_rules: {content: …}`, or `sync_config`."""
    document, _ = read(source)
    for name in ("sync_config", "sync_rules"):
        match document.get(name) if isinstance(document, Mapping) else None:
            case Entry(value=Mapping() as section):
                match section.get("content"):
                    case Entry(value=Scalar(text=text)):
                        return text
                    case _:
                        pass
            case _:
                pass
    return None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise FileError(msg) from None
    if len(data) > MAXIMUM_BYTES:
        msg = f"{path} is larger than {MAXIMUM_BYTES} bytes"
        raise FileError(msg)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text (byte {error.start})"
        raise FileError(msg) from None


def write_text(path: Path, text: str) -> None:
    """Writes a file in one step, line breaks as they are, so that an interruption leaves the old one. Raises FileError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode("utf-8"))
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        msg = f"{path}: {error.strerror or error}"
        raise FileError(msg) from None
