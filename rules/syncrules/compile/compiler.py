"""A rules file to a plan: read the document, compile each stream and definition, link them."""

from collections import Counter
from dataclasses import dataclass, field, replace

from syncrules.compile import dialect as dialects
from syncrules.compile.basis import Basis, basis_of
from syncrules.compile.config import Config, read_config
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.events import check_event
from syncrules.compile.findings import Findings
from syncrules.compile.fragment import Draft, Identities
from syncrules.compile.link import Linked, link
from syncrules.compile.options import Options
from syncrules.compile.sync_rules import compile_definition
from syncrules.compile.sync_streams import check_table_expressions, compile_stream
from syncrules.diagnostics import Diagnostic, Source, has_errors, in_order
from syncrules.document import read
from syncrules.plan.nodes import Plan
from syncrules.schema import Schema
from syncrules.syntax import nodes as n
from syncrules.values.semantics import Semantics


@dataclass(frozen=True, slots=True)
class Compilation:
    """What comes of a rules file: no plan where anything is an error. `queries` are those that could be read.

    `basis` is what the compile of a changed file can go on from, if it can.
    """

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    options: Options = field(default_factory=Options)
    queries: tuple[n.Query, ...] = ()
    basis: Basis | None = field(default=None, compare=False, repr=False)


def compile_rules(
    source: Source,
    *,
    schema: Schema | None = None,
    semantics: Semantics | None = None,
    default_schema: str = "public",
) -> Compilation:
    """The plan of a rules file and all that is to be said of it.

    `schema` adds warnings about unknown tables and columns. `semantics` overrides the file's choice.
    `default_schema` is the schema of unqualified table names.
    """
    document, diagnostics = read(source)
    findings = Findings(list(diagnostics))
    if has_errors(diagnostics):
        return Compilation(None, in_order(diagnostics))
    config = read_config(document, findings)
    options, shared, identities = config.options, config.table_expressions, Identities()
    chosen = semantics or _semantics(options)
    context = Context(options, findings, Draft(identities), schema, default_schema)
    rules_dialect, streams_dialect = (replace(each, semantics=chosen) for each in _dialects(options))
    definitions = config.definitions if options.edition < 3 else ()
    of_file = tuple(findings.diagnostics)
    fragments = [compile_definition(each, rules_dialect, context, identities) for each in definitions]
    fragments += [compile_stream(each, shared, streams_dialect, context, identities) for each in config.streams]
    used = [each for each in shared if any(each.name in fragment.uses for fragment in fragments)]
    check_table_expressions(shared, used, streams_dialect, context)
    _check_edition(config, context)
    for event in config.events:
        check_event(event, rules_dialect, context)
    linked = link(fragments)
    _refuse_shared_buckets(config, linked, context)
    found, queries = in_order(findings.diagnostics), tuple(context.queries.values())
    if has_errors(found):
        return Compilation(None, found, options, queries)
    plan = linked.plan(config.order, chosen, options.source_format)
    anew = replace(context, findings=Findings(), queries={})
    basis = basis_of(source, document, config, linked.fragments, of_file, anew, streams_dialect, identities)
    return Compilation(plan, found, options, queries, basis)


def _refuse_shared_buckets(config: Config, linked: Linked, context: Context) -> None:
    """A definition whose name is that of a stream's bucket would share its bucket ids."""
    names = Counter(bucket.name for bucket in linked.buckets)
    for definition in config.definitions:
        if names[definition.name] > 1:
            message = f"`{definition.name}` is also the name of a stream's bucket"
            instead = "give the bucket definition another name"
            context.error("duplicate-bucket", message, definition.span, instead)


def _semantics(options: Options) -> Semantics:
    """The file's own choice, which deployed services follow in queries of edition 3 only."""
    chosen = options.unstable_sqlite_expression_engine and options.edition >= 3
    return Semantics.SQLITE if chosen else Semantics.POWERSYNC


def _dialects(options: Options) -> tuple[Dialect, Dialect]:
    json_operators = dialects.CURRENT_JSON if options.fixed_json_extract else dialects.LEGACY_JSON
    functions = dialects.CURRENT_JSON_FUNCTIONS if options.fixed_json_extract else dialects.LEGACY_JSON_FUNCTIONS
    make = dialects.sync_streams if options.edition >= 3 else dialects.early_streams
    return dialects.sync_rules(json_operators, functions), make(json_operators, functions)


def _check_edition(config: Config, context: Context) -> None:
    """Streams of edition 2 are an early form: they are warned of, and lack what came later."""
    edition = config.options.edition
    if edition >= 3:
        return
    early = [*config.table_expressions]
    for stream in config.streams:
        instead = "write `config: {edition: 3}`"
        if edition < 2:
            for text in stream.queries or ():
                message = "streams need edition 2 or later"
                context.error("edition-too-old", message, text.span(0, len(text.text)), instead)
        message = "streams of edition 2 are an early form of the language"
        context.findings.warning("early-streams", message, stream.body, instead)
        early += stream.table_expressions
        if stream.queries_span is not None:
            context.error("edition-too-old", "`queries` needs edition 3", stream.queries_span, instead)
    for expression in early:
        context.error("edition-too-old", "`with` needs edition 3", expression.span, "write `config: {edition: 3}`")
