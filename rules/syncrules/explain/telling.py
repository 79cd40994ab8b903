"""Decisions, flips and accesses in words, and as values for JSON."""

import json
from collections.abc import Sequence

from syncrules.diagnostics import Source, Span
from syncrules.engine.bucket_id import json_value
from syncrules.explain.decision import Decision, Fact, Way
from syncrules.explain.edits import ClaimEdit, Edit, ParameterEdit, RowAdded, RowEdit, Subscribed
from syncrules.explain.naming import name_of, named_values
from syncrules.explain.who import Access, Member
from syncrules.plan.expression import Call, Constant, Expression
from syncrules.plan.printing import print_expression
from syncrules.plan.reading import is_written
from syncrules.stores.change import Change
from syncrules.values.value import SqlValue


def tell_decision(
    decision: Decision, source: Source, flips: Sequence[Sequence[Edit]], changes: Sequence[Change]
) -> str:
    """The ways in which a row syncs; if there is none, what fails in each, and what would let it through."""
    head = f"`{decision.table}` {decision.row_id}"
    if not decision.ways:
        return f"{head}: no source row would be called so on the client"
    shown = [way for way in decision.ways if way.syncs] or list(decision.ways)
    lines = [f"{head} {'syncs' if decision.syncs else 'does not sync'}"]
    for number, way in enumerate(shown):
        last = number == len(shown) - 1 and not flips
        lines += _indented(_way(way, source), last=last)
    if flips:
        lines.append("└─ it would sync with")
        lines += [f"   {'or' if number else '  '} {_edits(edits, changes)}" for number, edits in enumerate(flips)]
    elif not decision.syncs:
        lines.append("   no small change of the row, a token or the connection was found that lets it through")
    return "\n".join(lines)


def _indented(lines: Sequence[str], *, last: bool) -> list[str]:
    first, *rest = lines
    return [f"{'└─' if last else '├─'} {first}", *(f"{'   ' if last else '│  '}{line}" for line in rest)]


def _way(way: Way, source: Source) -> list[str]:
    when = {"default": "on by default", None: "not asked for"}.get(
        way.reason if not isinstance(way.reason, int) else "", f"subscription {way.reason}"
    )
    lines = [f"{way.stream} ({when}){_place(way.span, source)}"]
    lines += ["the row", *(f"  {_fact(fact, source)}" for fact in way.row_facts)]
    lines.append(f"  is in {_keys(way.row_keys)}")
    lines += ["the connection", *(f"  {_fact(fact, source)}" for fact in way.request_facts)]
    lines.append(f"  has {_keys(way.request_keys)}")
    lines.append(f"they meet in {', '.join(way.buckets)}" if way.buckets else "they do not meet")
    return lines


def _fact(fact: Fact, source: Source) -> str:
    values = ", ".join(f"{name} = {show(value)}" for name, value in fact.values)
    written = " ".join(source.slice(fact.span).split()) if fact.span and source.text else fact.what
    text = f"NOT {written}" if fact.what.startswith("not(") and fact.what != written else written
    rows = f" → {', '.join(fact.rows[:5])}{' …' if len(fact.rows) > 5 else ''}" if fact.rows else ""
    what = fact.what if fact.what.startswith(("rows of", "value of", "the connection", "cannot")) else text
    return f"{'✓' if fact.holds else '✗'} {what}{f' ({values})' if values else ''}{rows}"


def _keys(keys: Sequence[Sequence[SqlValue]]) -> str:
    if not keys:
        return "no bucket"
    shown = [json.dumps([json_value(value) for value in key], ensure_ascii=False) for key in keys[:5]]
    return f"bucket{'' if len(keys) == 1 else 's'} {', '.join(shown)}{' …' if len(keys) > 5 else ''}"


def _place(span: Span, source: Source) -> str:
    if not source.text:
        return ""
    place = source.position(span.start)
    return f" at {source.name}:{place.line}:{place.column}"


def show(value: SqlValue) -> str:
    """A value as SQL writes it.

    >>> show(None), show("it's"), show(7), show(b"a")
    ('NULL', "'it''s'", '7', "x'61'")
    """
    match value:
        case None:
            return "NULL"
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case bytes():
            return f"x'{value.hex()}'"
        case _:
            return str(value)


def _edits(edits: Sequence[Edit], changes: Sequence[Change]) -> str:
    return " and ".join(tell_edit(edit, changes) for edit in edits)


def tell_edit(edit: Edit, changes: Sequence[Change]) -> str:
    """A change in words."""
    match edit:
        case RowEdit(change=place, column=column, value=value):
            change = changes[place]
            row = change.row.get("id", change.key)
            return f"{column} = {show(value)} in {change.table.name} {row} (now {show(change.row.get(column))})"
        case RowAdded(table=table, columns=columns):
            values = ", ".join(f"{name} = {show(value)}" for name, value in columns)
            return f"a row in {table.removeprefix('public.')} with {values}"
        case ClaimEdit(path=path, value=value, among=among):
            return f"{show(value)} {'among' if among else 'as'} the claim {'.'.join(path)}"
        case ParameterEdit(stream=stream, name=name, value=value, among=among):
            whose = "connection parameter" if stream is None else f"subscription parameter of {stream}:"
            return f"{show(value)} {'among' if among else 'as'} the {whose} {name}"
        case Subscribed(stream=stream):
            return f"a subscription to {stream}"


def tell_access(access: Access, changes: Sequence[Change]) -> list[str]:
    """What a connection needs for a way to see a row, and the rows that this rests on."""
    demands = [f"{name_of(expression)} = {show(value)}" for expression, value in access.equal]
    demands += [_member(member) for member in access.members]
    demands += [tell_condition(condition) for condition in access.conditions if is_written(condition)]
    who = " and ".join(demands) if demands else "everybody"
    subscribed = access.query.subscribable and not access.query.auto_subscribe
    through = f"through {access.query.stream}{', once subscribed to it' if subscribed else ''}"
    ids = {(change.table, change.key): change.row.get("id", change.key) for change in changes}
    rows = sorted(f"{row[0].name} {ids[row]}" for row in access.rows)
    return [f"{who} {through}", *(f"  by {row}" for row in rows)]


def _member(member: Member) -> str:
    return f"{name_of(member.argument)} contains {show(member.value)}"


def tell_condition(expression: Expression) -> str:
    """A condition on a connection in words: claims and parameters by their names, and SQL for the rest."""
    match expression:
        case Constant():
            return show(expression.value)
        case _ if [*named_values(expression)] == [expression]:
            return name_of(expression)
        case Call(function=function, arguments=(left, right)) if not function[0].isalpha() or function in {"and", "or"}:
            return f"({tell_condition(left)} {function} {tell_condition(right)})"
        case Call(function="not", arguments=(inner,)):
            return f"NOT {tell_condition(inner)}"
        case Call(function=function, arguments=(inner,)) if function.startswith("is "):
            return f"{tell_condition(inner)} {function.upper()}"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(tell_condition, arguments))})"
        case _:
            return print_expression(expression)


def decision_json(decision: Decision, flips: Sequence[Sequence[Edit]], changes: Sequence[Change]) -> dict[str, object]:
    """A decision as values for JSON."""
    return {
        "table": decision.table,
        "id": decision.row_id,
        "syncs": decision.syncs,
        "ways": [_way_json(way) for way in decision.ways],
        "flips": [[tell_edit(edit, changes) for edit in edits] for edits in flips],
    }


def _way_json(way: Way) -> dict[str, object]:
    return {
        "stream": way.stream,
        "reason": way.reason,
        "start": way.span.start,
        "end": way.span.end,
        "row": [_fact_json(fact) for fact in way.row_facts],
        "row_buckets": [[json_value(value) for value in key] for key in way.row_keys],
        "connection": [_fact_json(fact) for fact in way.request_facts],
        "connection_buckets": [[json_value(value) for value in key] for key in way.request_keys],
        "buckets": list(way.buckets),
    }


def _fact_json(fact: Fact) -> dict[str, object]:
    return {
        "what": fact.what,
        "values": {name: value.hex() if isinstance(value, bytes) else value for name, value in fact.values},
        "holds": fact.holds,
        "rows": list(fact.rows),
    }
