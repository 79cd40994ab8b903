"""Sync Rules and Sync Streams: compile them, verify the user, and compute which rows sync.

```python
rules = syncrules.load("sync-config.yaml")                 # RulesError carries every diagnostic
verifier = syncrules.Verifier.from_config("auth.yaml")
claims = verifier.verify(token)                            # TokenError says why not
store = syncrules.MemoryStore(rules)
store.apply([syncrules.Change.put("lists", {"id": "l1", "owner_id": "ada"})])
resolution = rules.resolve(syncrules.Request(claims), store)
```

Names are imported when they are first used, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from syncrules.auth import ConfigError, TokenError, VerifiedClaims, Verifier
    from syncrules.diagnostics import Diagnostic, RulesError, Severity
    from syncrules.engine.bucket import ResolvedBucket
    from syncrules.engine.found import Evaluation, SyncedRow
    from syncrules.engine.table import SourceTable
    from syncrules.resolve.batch import BatchEvaluation
    from syncrules.resolve.limits import LimitExceeded, Limits, Usage
    from syncrules.resolve.live import OpenResolutions
    from syncrules.resolve.request import Request, RequestError, Subscription
    from syncrules.resolve.resolution import BucketChanges, Resolution, ResolutionError
    from syncrules.resolve.rules import Rules, load
    from syncrules.schema import Schema
    from syncrules.sources.arrow import ColumnTypeError
    from syncrules.stores.async_postgres import AsyncPostgresStore
    from syncrules.stores.awaited import Awaited
    from syncrules.stores.change import Change
    from syncrules.stores.memory import MemoryStore
    from syncrules.stores.postgres import PostgresStore
    from syncrules.stores.postgres_options import PostgresOptions
    from syncrules.stores.protocol import Applied, AsyncStore, CheckpointError, Store, StoreError, StoreMismatchError
    from syncrules.stores.sqlite import SqliteStore
    from syncrules.values.semantics import Semantics
    from syncrules.values.value import EvaluationError

__version__: Final = "0.1.0"

__all__ = [
    "Applied",
    "AsyncPostgresStore",
    "AsyncStore",
    "Awaited",
    "BatchEvaluation",
    "BucketChanges",
    "Change",
    "CheckpointError",
    "ColumnTypeError",
    "ConfigError",
    "Diagnostic",
    "Evaluation",
    "EvaluationError",
    "LimitExceeded",
    "Limits",
    "MemoryStore",
    "OpenResolutions",
    "PostgresOptions",
    "PostgresStore",
    "Request",
    "RequestError",
    "Resolution",
    "ResolutionError",
    "ResolvedBucket",
    "Rules",
    "RulesError",
    "Schema",
    "Semantics",
    "Severity",
    "SourceTable",
    "SqliteStore",
    "Store",
    "StoreError",
    "StoreMismatchError",
    "Subscription",
    "SyncedRow",
    "TokenError",
    "Usage",
    "VerifiedClaims",
    "Verifier",
    "load",
]

_HOMES: Final = {
    "syncrules.auth": ("ConfigError", "TokenError", "VerifiedClaims", "Verifier"),
    "syncrules.diagnostics": ("Diagnostic", "RulesError", "Severity"),
    "syncrules.engine.bucket": ("ResolvedBucket",),
    "syncrules.engine.found": ("Evaluation", "SyncedRow"),
    "syncrules.engine.table": ("SourceTable",),
    "syncrules.resolve.batch": ("BatchEvaluation",),
    "syncrules.resolve.limits": ("LimitExceeded", "Limits", "Usage"),
    "syncrules.resolve.live": ("OpenResolutions",),
    "syncrules.resolve.request": ("Request", "RequestError", "Subscription"),
    "syncrules.resolve.resolution": ("BucketChanges", "Resolution", "ResolutionError"),
    "syncrules.resolve.rules": ("Rules", "load"),
    "syncrules.schema": ("Schema",),
    "syncrules.sources.arrow": ("ColumnTypeError",),
    "syncrules.stores.async_postgres": ("AsyncPostgresStore",),
    "syncrules.stores.awaited": ("Awaited",),
    "syncrules.stores.change": ("Change",),
    "syncrules.stores.memory": ("MemoryStore",),
    "syncrules.stores.postgres": ("PostgresStore",),
    "syncrules.stores.postgres_options": ("PostgresOptions",),
    "syncrules.stores.protocol": (
        "Applied",
        "AsyncStore",
        "CheckpointError",
        "Store",
        "StoreError",
        "StoreMismatchError",
    ),
    "syncrules.stores.sqlite": ("SqliteStore",),
    "syncrules.values.semantics": ("Semantics",),
    "syncrules.values.value": ("EvaluationError",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
