"""The tables of a store in a database, and the statements over them: one text for SQLite and PostgreSQL.

What the two say differently is a `Dialect`. An entry is what one source row gives to one key. It lives from the checkpoint
that added it until the one that removed it, so that an older checkpoint can still be read; what is older than the
store's horizon is deleted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

FORMAT: Final = 1
"""The number of the tables' form."""

_MIGRATIONS: Final = (
    (
        """CREATE TABLE {schema}.state (
             digest TEXT NOT NULL, checkpoint BIGINT NOT NULL, horizon BIGINT NOT NULL, position TEXT)""",
        """CREATE TABLE {schema}.entries (
             id {identity}, place BIGINT NOT NULL, entry BIGINT NOT NULL, rule INTEGER NOT NULL, key TEXT NOT NULL,
             outputs TEXT NOT NULL, source BIGINT NOT NULL, row TEXT NOT NULL, added BIGINT NOT NULL, removed BIGINT)""",
        "CREATE INDEX {index}entries_by_place ON {table}entries (place, entry)",
        "CREATE INDEX {index}entries_by_source ON {table}entries (source) WHERE removed IS NULL",
        "CREATE INDEX {index}entries_removed ON {table}entries (removed) WHERE removed IS NOT NULL",
        "CREATE TABLE {schema}.changes (checkpoint BIGINT NOT NULL, rule INTEGER NOT NULL, key TEXT NOT NULL)",
        "CREATE INDEX {index}changes_by_checkpoint ON {table}changes (checkpoint)",
    ),
)
"""The statements that lead from each form of the tables to the next one."""

ENTRY_COLUMNS: Final = ("place", "entry", "rule", "key", "outputs", "source", "row", "added")
CHANGE_COLUMNS: Final = ("checkpoint", "rule", "key")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a database says in its own way.

    `among` writes "is one of the numbers in this parameter", `marked` a named parameter. `pairs` is a table
    `wanted (place, entry)` made of the parameter `pairs`, or of `places` and `entries`. `tell` lets others know of a new
    checkpoint. Names are given as `schema`, and in statements about indexes as `index` and
    `table`, since SQLite qualifies the index and PostgreSQL the table.
    """

    schema: str
    index: str
    table: str
    identity: str
    lock: str
    among: Callable[[str], str]
    pairs: str
    marked: Callable[[str], str]
    tell: tuple[str, ...]


SQLITE: Final = Dialect(
    schema="main",
    index="main.",
    table="",
    identity="INTEGER PRIMARY KEY",
    lock="",
    among=lambda name: f"IN (SELECT value FROM json_each(:{name}))",  # noqa: S608 (names of our own)
    pairs=(
        "(SELECT json_extract(value, '$[0]') AS place, json_extract(value, '$[1]') AS entry FROM json_each(:pairs))"
        " AS wanted"
    ),
    marked=lambda name: f":{name}",
    tell=(),
)


def postgres(schema: str) -> Dialect:
    """PostgreSQL, with the tables in a schema of their own."""
    quoted = '"' + schema.replace('"', '""') + '"'
    return Dialect(
        schema=quoted,
        index="",
        table=f"{quoted}.",
        identity="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        lock="FOR UPDATE",
        among=lambda name: f"= ANY(CAST(:{name} AS BIGINT[]))",
        pairs="unnest(CAST(:places AS BIGINT[]), CAST(:entries AS BIGINT[])) AS wanted (place, entry)",
        marked=lambda name: f"%({name})s",
        tell=(f"NOTIFY {quoted}",),
    )


def copied(dialect: Dialect, table: str, columns: Sequence[str]) -> str:
    """The statement that takes rows in as PostgreSQL takes them in bulk."""
    return f"COPY {dialect.schema}.{table} ({', '.join(columns)}) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Statements:
    """Every statement of a store, as its database reads it."""

    make_format: str
    format: str
    set_format: str
    migrations: tuple[tuple[str, ...], ...]
    begin: str
    state: str
    locked_state: str
    set_state: str
    lookup: str
    lookup_one: str
    changes_since: str
    live_of_sources: str
    live_of_entries: str
    remove: str
    clear: tuple[str, ...]
    prune: tuple[str, ...]
    tell: tuple[str, ...]

    @classmethod
    def of(cls, dialect: Dialect) -> Self:
        """The statements in a dialect."""

        def written(text: str) -> str:
            filled = text.format(
                schema=dialect.schema,
                index=dialect.index,
                table=dialect.table,
                identity=dialect.identity,
                lock=dialect.lock,
                pairs=dialect.pairs,
                places=dialect.among("places"),
                sources=dialect.among("sources"),
                ids=dialect.among("ids"),
            )
            return re.sub(r":([a-z]+)", lambda found: dialect.marked(found[1]), filled)

        return cls(
            make_format=written("CREATE TABLE IF NOT EXISTS {schema}.format (number INTEGER NOT NULL)"),
            format=written("SELECT number FROM {schema}.format"),
            set_format=written("INSERT INTO {schema}.format VALUES (:number)"),
            migrations=tuple(tuple(map(written, steps)) for steps in _MIGRATIONS),
            begin=written("INSERT INTO {schema}.state VALUES (:digest, 0, 0, NULL)"),
            state=written("SELECT digest, checkpoint, horizon, position FROM {schema}.state"),
            locked_state=written("SELECT digest, checkpoint, horizon, position FROM {schema}.state {lock}"),
            set_state=written(
                """UPDATE {schema}.state
                   SET digest = :digest, checkpoint = :checkpoint, horizon = :horizon, position = :position"""
            ),
            lookup=written(_LOOKUP),
            lookup_one=written(_LOOKUP.replace("{places}", "= :place")),
            changes_since=written(_CHANGES_SINCE),
            live_of_sources=written(
                "SELECT id, row, rule, key, outputs FROM {schema}.entries WHERE source {sources} AND removed IS NULL"
            ),
            live_of_entries=written(
                """SELECT e.rule, e.key, e.outputs, count(*) FROM {pairs}
                   JOIN {schema}.entries AS e ON e.place = wanted.place AND e.entry = wanted.entry
                   WHERE e.removed IS NULL GROUP BY e.rule, e.key, e.outputs"""
            ),
            remove=written("UPDATE {schema}.entries SET removed = :checkpoint WHERE id {ids}"),
            clear=(written("DELETE FROM {schema}.entries"), written("DELETE FROM {schema}.changes")),
            prune=(
                written("DELETE FROM {schema}.entries WHERE removed <= :horizon"),
                written("DELETE FROM {schema}.changes WHERE checkpoint <= :horizon"),
            ),
            tell=dialect.tell,
        )


_LOOKUP: Final = """
SELECT -1, s.digest, NULL, s.checkpoint, s.horizon FROM {schema}.state AS s
UNION ALL
SELECT e.rule, e.key, e.outputs, count(*), 0 FROM {schema}.state AS s, {schema}.entries AS e
WHERE e.place {places}
  AND e.added <= COALESCE(CAST(:checkpoint AS BIGINT), s.checkpoint)
  AND (e.removed IS NULL OR e.removed > COALESCE(CAST(:checkpoint AS BIGINT), s.checkpoint))
GROUP BY e.rule, e.key, e.outputs
"""
_CHANGES_SINCE: Final = """
SELECT -1, s.digest, s.checkpoint, s.horizon FROM {schema}.state AS s
UNION ALL SELECT DISTINCT rule, key, 0, 0 FROM {schema}.changes WHERE checkpoint > :checkpoint
"""
"""Reads begin with the state, so that one statement sees entries and checkpoint at one moment."""
