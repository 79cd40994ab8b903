"""What a compiled file of streams leaves behind, so that a changed text need not be compiled as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncrules.compile.config import Config, TableExpression
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.fragment import Fragment, Identities
from syncrules.diagnostics import Diagnostic, Source
from syncrules.document import Mapping, Node
from syncrules.document.block import Block, is_within, size
from syncrules.document.limits import CHARACTERS, LINES, NODES


@dataclass(frozen=True, slots=True)
class Basis:
    """A file without errors whose streams can be read one by one; see `document/block.py`.

    `fragments`, and the `sizes` of what they were made from, stand beside the block's entries; `others` is the size of the
    rest of the document. `diagnostics` are about the file as such. `context` has what the file and the caller chose.
    """

    source: Source
    block: Block
    fragments: tuple[Fragment, ...]
    sizes: tuple[int, ...]
    others: int
    shared: tuple[TableExpression, ...]
    diagnostics: tuple[Diagnostic, ...]
    context: Context
    dialect: Dialect
    identities: Identities

    @property
    def is_small_enough(self) -> bool:
        """Whether the file is within the limits for files."""
        text = self.source.text
        lines = text.count("\n") + text.count("\r")
        return len(text) <= CHARACTERS and lines <= LINES and sum(self.sizes) + self.others <= NODES


def basis_of(
    source: Source,
    document: Node | None,
    config: Config,
    fragments: Sequence[Fragment],
    diagnostics: Sequence[Diagnostic],
    context: Context,
    dialect: Dialect,
    identities: Identities,
) -> Basis | None:
    """The basis that a file without errors gives, if its form allows for one: no alias leads from one part to another."""
    streams = document.get("streams") if isinstance(document, Mapping) else None
    if streams is None or not isinstance(streams.value, Mapping) or config.definitions or config.events:
        return None
    assert isinstance(document, Mapping)
    starts = sorted(entry.key.span.start for entry in document.entries)
    ends = dict(zip(starts, [*starts[1:], len(source.text)], strict=True))
    if not all(is_within(entry, entry.key.span.start, ends[entry.key.span.start]) for entry in document.entries):
        return None
    end = ends[streams.key.span.start]
    end = end if end == len(source.text) else source.text.rfind("\n", 0, end) + 1
    block = Block.of(source.text, streams.value, end)
    shared_later = any(expression.span.end > end for expression in config.table_expressions)
    if block is None or block.indent == 0 or config.options.edition < 3 or shared_later:
        return None
    if any(block.starts[0] <= each.span.start < end for each in diagnostics):
        return None
    sizes = tuple(1 + size(entry.value) for entry in streams.value.entries)
    shared = config.table_expressions
    of_file = tuple(diagnostics)
    return Basis(
        source,
        block,
        tuple(fragments),
        sizes,
        size(document) - sum(sizes),
        shared,
        of_file,
        context,
        dialect,
        identities,
    )
