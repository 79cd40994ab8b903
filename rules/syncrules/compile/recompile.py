"""A changed file to a plan, by way of what was compiled before: only streams whose lines changed are compiled."""

from dataclasses import replace

from syncrules.compile.basis import Basis
from syncrules.compile.compiler import Compilation
from syncrules.compile.config import is_body, read_stream
from syncrules.compile.findings import Findings
from syncrules.compile.link import link
from syncrules.compile.moved import Move
from syncrules.compile.sync_streams import check_table_expressions, compile_stream
from syncrules.diagnostics import Source, has_errors, in_order
from syncrules.document.block import Change, Lines, read_lines, size

_IDENTITIES_KEPT = 8
"""Identities that may be left over from earlier texts, to those that one text needs."""


def recompile(basis: Basis, source: Source) -> Compilation | None:
    """What `compile_rules` makes of a source, with those `queries` that had to be read. None where it takes all of them.

    That is so if anything but streams changed, if something is wrong in what changed, or if the lines that changed cannot
    be told from the rest.
    """
    text = source.text
    change = Change.between(basis.source.text, text)
    entries = basis.block.around(change)
    if entries is None:
        return None
    old = basis.block.lines(entries)
    by = change.new_end - change.old_end
    new = read_lines(text, Lines(old.start, old.end + by), basis.block.indent)
    if new is None:
        return None
    findings = Findings()
    context = replace(basis.context, findings=findings, queries={})
    streams = [read_stream(entry, findings) for entry in new if is_body(entry, findings)]
    made = [compile_stream(each, basis.shared, basis.dialect, context, basis.identities) for each in streams]
    before, after = basis.fragments[: entries.start], basis.fragments[entries.stop :]
    move = Move(old.end, by)
    linked = link([*before, *made, *map(move.fragment, after)])
    names = [fragment.name for fragment in linked.fragments]
    if has_errors(findings.diagnostics) or len({*names}) < len(names):
        return None
    used = [each for each in basis.shared if any(each.name in fragment.uses for fragment in linked.fragments)]
    check_table_expressions(basis.shared, used, basis.dialect, context)
    of_file = tuple(move.diagnostic(each) for each in basis.diagnostics)
    found = [*of_file, *findings.diagnostics]
    for fragment in linked.fragments:
        found += fragment.diagnostics
    later = replace(
        basis,
        source=source,
        block=basis.block.replaced(entries, [each.key.span.start - basis.block.indent for each in new], by),
        fragments=linked.fragments,
        sizes=(*basis.sizes[: entries.start], *(1 + size(each.value) for each in new), *basis.sizes[entries.stop :]),
        diagnostics=of_file,
    )
    if has_errors(found) or not later.is_small_enough or len(basis.identities) > _IDENTITIES_KEPT * (len(names) + 100):
        return None
    semantics, options = basis.dialect.semantics, basis.context.options
    plan = linked.plan(names, semantics, options.source_format)
    return Compilation(plan, in_order(found), options, tuple(context.queries.values()), later)
