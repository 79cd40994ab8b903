"""What the service does, without HTTP: resolves for people, takes rows in, and changes rules while it runs."""

import asyncio
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from syncrules.auth import VerifiedClaims, Verifier
from syncrules.diagnostics import RulesError, render_line
from syncrules.engine.bucket_id import json_value
from syncrules.engine.table import SourceTable
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.rules import Rules, decoded, load
from syncrules.server.bodies import ResolveBody, RowsBody
from syncrules.server.opened_store import OpenedStore, open_store
from syncrules.server.refusal import Refusal
from syncrules.server.settings import MEMORY, Settings
from syncrules.stores.digest import lookups_digest
from syncrules.stores.protocol import Applied

logger = logging.getLogger("syncrules.server")


@dataclass(slots=True)
class Service:
    """Rules in force, with the store that was made for their lookups. Requests keep what they began with."""

    settings: Settings
    verifier: Verifier
    rules: Rules
    store: OpenedStore
    last_reload: str = field(default="none", init=False)
    """How the last change of rules went: `none`, `done` or `refused`."""

    @classmethod
    async def start(cls, settings: Settings, rules: Rules, verifier: Verifier) -> "Service":
        """Opens the store. Raises StoreError, RowsError."""
        return cls(settings, verifier, rules, await open_store(rules, settings))

    async def claims(self, authorization: str | None) -> VerifiedClaims:
        """Who asks. Raises TokenError."""
        return await self.verifier.verify_header_async(authorization)

    async def resolve(self, claims: VerifiedClaims, body: ResolveBody) -> Resolution:
        """What a person syncs. Raises LimitExceeded, RequestError, StoreError."""
        rules, store = self.rules, self.store
        return await rules.resolve_async(body.request(claims), store.reading, self.settings.limits, body.checkpoint)

    async def take(self, body: RowsBody) -> Applied:
        """Takes a batch of changes in. Raises Refusal, EvaluationError, StoreError."""
        changes = [change.change() for change in body.changes]
        return await self.store.writing.apply(changes, body.position)

    async def checkpoint(self) -> int:
        """The last checkpoint of the store. Raises StoreError."""
        return (await self.store.reading.state()).checkpoint

    async def reload(self) -> Rules:
        """Reads the rules file anew and puts it in force. Raises Refusal, and then the rules stay as they were."""
        try:
            rules = await asyncio.to_thread(_changed, self.rules, self.settings.rules)
            await self.adopt(rules)
        except Refusal as refusal:
            self.last_reload = "refused"
            logger.warning("reload refused: %s", refusal.message, extra={"details": dict(refusal.details)})
            raise
        if self.settings.plan is not None:
            write_plan(self.settings.plan, rules)
        return rules

    async def adopt(self, rules: Rules) -> None:
        """Puts rules in force, on the same store if they look up the same. Raises Refusal."""
        if lookups_digest(rules.plan) != lookups_digest(self.rules.plan):
            if self.settings.store != MEMORY or self.settings.data is None:
                raise Refusal(
                    409,
                    "other-lookups",
                    "the rules look up other things than the store holds; the rules stay as they were",
                    "fill a new store for them, start a service on it, and let it take the place of this one",
                )
            # Requests that run go on with the store they began with, which lives as long as they do.
            self.store = await open_store(rules, self.settings)
        self.rules = rules
        self.last_reload = "done"
        logger.info("rules reloaded", extra={"details": {"streams": len(rules.plan.streams)}})

    async def close(self) -> None:
        """Closes the store."""
        await self.store.close()


def write_plan(path: Path, rules: Rules) -> None:
    """Leaves the plan for other processes that serve with this one: wholly, or not at all."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(rules.to_json(), "utf-8")
    new.replace(path)


def _changed(rules: Rules, path: Path) -> Rules:
    """The rules in a file as it is now. Raises Refusal, with every error."""
    try:
        if rules.source.name != str(path):
            return load(path)
        return rules.changed(decoded(path.read_bytes(), str(path)))
    except RulesError as error:
        lines = [render_line(each, error.source) for each in error.diagnostics]
        message = f"the rules file does not compile ({len(lines)} errors); the rules stay as they were"
        raise Refusal(422, "rules", message, details={"diagnostics": lines}) from None
    except OSError as error:
        message = f"the rules file cannot be read ({error.strerror}); the rules stay as they were"
        raise Refusal(422, "rules-file", message) from None


def resolve_answer(claims: VerifiedClaims, resolution: Resolution) -> dict[str, object]:
    """A resolution as JSON has it; see `ResolveAnswer`."""
    return {
        "user": claims.user_id,
        "checkpoint": resolution.checkpoint,
        "buckets": [
            {
                "bucket": bucket.id,
                "parameters": [json_value(value) for value in bucket.parameters],
                "priority": bucket.priority,
                "definition": bucket.definition,
                "reasons": bucket.reasons,
            }
            for bucket in resolution.buckets
        ],
        "errors": [
            {"definition": error.definition, "message": error.message, "reason": error.reason}
            for error in resolution.errors
        ],
        "usage": {
            "buckets": len(resolution.buckets),
            "parameter_results": resolution.parameter_results,
        },
    }


def rows_answer(applied: Applied) -> dict[str, object]:
    """What a batch did as JSON has it; see `RowsAnswer`."""
    return {
        "checkpoint": applied.checkpoint,
        "changed_keys": len(applied.changed or ()),
        "errors": [
            {"table": _table(table), "key": key, "message": error.message}
            for (table, key), errors in applied.errors.items()
            for error in errors
        ],
    }


def _table(table: SourceTable) -> str:
    return f"{table.schema}.{table.name}"
