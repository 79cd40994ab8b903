"""What queries may call: functions by name, operators by symbol, and table-valued functions."""

from syncrules.functions.affinity import AFFINITY
from syncrules.functions.arithmetic import ARITHMETIC
from syncrules.functions.comparison import COMPARISON
from syncrules.functions.conversion import CONVERSION, TYPEOF
from syncrules.functions.dates import DATES
from syncrules.functions.function import Example, Function, Language
from syncrules.functions.geometry import GEOMETRY
from syncrules.functions.json_documents import DOCUMENTS
from syncrules.functions.json_members import EXTRACTION, MEMBERS
from syncrules.functions.keys import KEYS
from syncrules.functions.logic import CONDITIONAL, LOGIC
from syncrules.functions.table_valued import TABLE_FUNCTIONS, TableFunction
from syncrules.functions.text import TEXT

FUNCTIONS = {**TYPEOF, **CONDITIONAL, **TEXT, **DATES, **DOCUMENTS, **EXTRACTION, **GEOMETRY}
"""What queries call by name."""

OPERATORS = {**ARITHMETIC, **COMPARISON, **CONVERSION, **LOGIC, **MEMBERS, **KEYS, **AFFINITY}
"""What queries write as operators, casts and tests; and what front ends put in their place."""

__all__ = ["FUNCTIONS", "OPERATORS", "TABLE_FUNCTIONS", "Example", "Function", "Language", "TableFunction"]
