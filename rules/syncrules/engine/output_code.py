"""Generated code for the columns of a row as it syncs, and for its id. BLOBs do not sync: they are left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.source_code import SourceCode
from syncrules.functions import OPERATORS
from syncrules.plan.nodes import Output, OutputColumn, OutputStar


@dataclass(slots=True)
class OutputCode:
    """Writes the columns of one rule."""

    code: SourceCode
    expressions: ExpressionCode

    def write(self, columns: Sequence[OutputColumn]) -> None:
        """Lines that set `data` and `row_id`, for a `row` and its method `get`."""
        named = [column for column in columns if isinstance(column, Output)]
        if columns == (OutputStar(),):
            row_id = self._whole_row()
        elif named and len({column.name for column in named}) == len(columns):
            row_id = self._named(named)
        else:
            row_id = self._overlapping(columns)
        self.code.line(f"row_id = {row_id}")
        text = self.code.function("cast text", OPERATORS["cast text"].implementation(self.expressions.semantics))
        with self.code.block("if type(row_id) is not str:"):
            self.code.line(f'row_id = "" if row_id is None or type(row_id) is bytes else {text}(row_id)')

    def _whole_row(self) -> str:
        self.code.line("data = {**row}")
        with self.code.block("for value in data.values():"), self.code.block("if type(value) is bytes:"):
            self._without_blobs()
            self.code.line("break")
        return f"get({self.code.constant('id')})"

    def _named(self, columns: Sequence[Output]) -> str:
        numbered = enumerate(columns, start=1)
        values = [self.expressions.named(column.expression, f"value{number}") for number, column in numbered]
        names = [self.code.constant(column.name) for column in columns]
        self.code.line(f"data = {{{', '.join(map('{}: {}'.format, names, values))}}}")
        with self.code.block(f"if {' or '.join(f'type({value}) is bytes' for value in values)}:"):
            self._without_blobs()
        return next((value for column, value in zip(columns, values, strict=True) if column.name == "id"), "None")

    def _without_blobs(self) -> None:
        self.code.line("data = {column: value for column, value in data.items() if type(value) is not bytes}")

    def _overlapping(self, columns: Sequence[OutputColumn]) -> str:
        """Columns of which one may stand for another: the last of a name counts, unless it does not sync."""
        self.code.line("row_id = None")
        self.code.line("data = {}")
        for column in columns:
            match column:
                case OutputStar(hidden_prefix=prefix):
                    hidden = "" if prefix is None else f" and not column.startswith({self.code.constant(prefix)})"
                    keep = f"if type(value) is not bytes{hidden}"
                    if columns[0] is not column:
                        self._forget_overwritten(hidden)
                    self.code.line(f"data |= {{column: value for column, value in row.items() {keep}}}")
                    self.code.line(f"row_id = get({self.code.constant('id')}, row_id)")
                case Output():
                    self._output(column)
        return "row_id"

    def _forget_overwritten(self, hidden: str) -> None:
        """Drops earlier columns that the star replaces by a BLOB, which does not sync."""
        with self.code.block("for column, value in row.items():"), self.code.block(f"if type(value) is bytes{hidden}:"):
            self.code.line("data.pop(column, None)")

    def _output(self, column: Output) -> None:
        name = self.code.constant(column.name)
        self.code.line(f"value = {self.expressions.value(column.expression)}")
        if column.name == "id":
            self.code.line("row_id = value")
        with self.code.block("if type(value) is bytes:"):
            self.code.line(f"data.pop({name}, None)")
        with self.code.block("else:"):
            self.code.line(f"data[{name}] = value")
