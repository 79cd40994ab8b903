"""The `config:` block: the edition, and the fixes and formats that can be set one by one."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, cast

from syncrules.compile.findings import Findings
from syncrules.document import Entry, Mapping, Scalar
from syncrules.plan.source_format import Precision, SourceFormat

SWITCHES: Final = (
    "timestamps_iso8601",
    "versioned_bucket_ids",
    "fixed_json_extract",
    "custom_postgres_types",
)
PRECISIONS: Final = ("seconds", "milliseconds", "microseconds", "nanoseconds")
CONFIG_KEYS: Final = (
    "edition",
    *SWITCHES,
    "timestamp_max_precision",
    "storage_version",
    "unstable_sqlite_expression_engine",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a file's `config:` chooses. Edition 2 turns on the four fixes unless they are set."""

    edition: int = 1
    timestamps_iso8601: bool = False
    versioned_bucket_ids: bool = False
    fixed_json_extract: bool = False
    custom_postgres_types: bool = False
    timestamp_max_precision: Precision | None = None
    unstable_sqlite_expression_engine: bool = False

    @property
    def source_format(self) -> SourceFormat:
        """How the values of a source database are written."""
        return SourceFormat(
            timestamps="iso8601" if self.timestamps_iso8601 else "spaced",
            precision=self.timestamp_max_precision,
            custom_types="json" if self.custom_postgres_types else "text",
        )


def read_options(entry: Entry | None, findings: Findings) -> Options:
    """The options of a file; a missing block means edition 1."""
    match entry:
        case None:
            return Options()
        case Entry(value=Mapping() as block):
            return _options(block, findings)
        case _:
            findings.error("wrong-kind", "`config` must be a mapping", entry.key.span.cover(entry.value.span))
            return Options()


def _options(block: Mapping, findings: Findings) -> Options:
    for entry in block.entries:
        name = entry.key.text.text
        if name not in CONFIG_KEYS:
            close = get_close_matches(name, CONFIG_KEYS, n=1)
            instead = f"did you mean `{close[0]}`?" if close else f"the keys are {', '.join(CONFIG_KEYS)}"
            findings.error("unknown-key", f"`config` has no key `{name}`", entry.key.span, instead)
    edition = _edition(block.get("edition"), findings)
    switches = {name: _switch(block.get(name), edition >= 2, findings) for name in SWITCHES}
    precision = _precision(block.get("timestamp_max_precision"), switches["timestamps_iso8601"], findings)
    _check_storage_version(block.get("storage_version"), findings)
    engine = _engine(block.get("unstable_sqlite_expression_engine"), edition, switches, findings)
    return Options(
        edition=edition,
        timestamp_max_precision=precision,
        unstable_sqlite_expression_engine=engine,
        **switches,
    )


def _edition(entry: Entry | None, findings: Findings) -> int:
    match entry:
        case None:
            return 1
        case Entry(value=Scalar(value=int() | float() as value)) if not isinstance(value, bool):
            if value >= 1 and value == int(value):
                return int(value)
    instead = "edition 3 is the newest; without one, a file is of edition 1"
    findings.error(
        "invalid-edition", "`edition` must be a whole number from 1", entry.key.span.cover(entry.value.span), instead
    )
    return 1


def _switch(entry: Entry | None, default: bool, findings: Findings) -> bool:  # noqa: FBT001 (the value of the switch)
    match entry:
        case None:
            return default
        case Entry(value=Scalar(value=bool() as value)):
            return value
        case _:
            message = f"`{entry.key.text.text}` must be true or false"
            findings.error("wrong-kind", message, entry.key.span.cover(entry.value.span))
            return default


def _precision(entry: Entry | None, iso8601: bool, findings: Findings) -> Precision | None:  # noqa: FBT001
    if entry is None:
        return None
    span = entry.key.span.cover(entry.value.span)
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if value not in PRECISIONS:
        findings.error(
            "wrong-kind", "`timestamp_max_precision` is not a precision", span, f"one of {', '.join(PRECISIONS)}"
        )
        return None
    if not iso8601:
        message = "`timestamp_max_precision` needs `timestamps_iso8601: true`"
        findings.error("option-conflict", message, span)
    return cast("Precision", value)


def _check_storage_version(entry: Entry | None, findings: Findings) -> None:
    if entry is None:
        return
    span = entry.key.span.cover(entry.value.span)
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if value == 3 and not isinstance(value, bool):
        findings.warning("unstable-storage-version", "storage version 3 may change or vanish in any release", span)
    elif value != 2 or isinstance(value, bool | str):
        findings.error("invalid-storage-version", "`storage_version` must be 2, or 3 which is unstable", span)


def _engine(entry: Entry | None, edition: int, switches: dict[str, bool], findings: Findings) -> bool:
    chosen = _switch(entry, False, findings)  # noqa: FBT003
    if entry is None or not chosen:
        return False
    span = entry.key.span.cover(entry.value.span)
    name = "unstable_sqlite_expression_engine"
    if edition < 2:
        findings.error("option-conflict", f"`{name}` needs edition 2 or later", span, "write `edition: 3`")
    elif not switches["fixed_json_extract"]:
        findings.error("option-conflict", f"`{name}` needs `fixed_json_extract`", span)
    return True
