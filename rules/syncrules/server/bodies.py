"""What the service is sent: checked where it enters, and described for clients."""

from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import from_json

from syncrules.auth import VerifiedClaims
from syncrules.engine.table import SourceTable
from syncrules.resolve.request import MAXIMUM_SUBSCRIPTIONS, Request, Subscription
from syncrules.server.refusal import Refusal
from syncrules.stores.change import Change
from syncrules.values.json_text import json_text

MAXIMUM_CHANGES: Final = 10_000
"""Changes of one batch."""

KeyPart = str | int | float | None
Name = Annotated[str, Field(min_length=1, max_length=1000)]


class Body(BaseModel):
    """What is sent: members that mean nothing are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SubscriptionBody(Body):
    """A subscription to a stream."""

    stream: Name
    parameters: dict[str, JsonValue] | None = None
    priority: Annotated[int, Field(ge=0, le=3)] | None = Field(None, description="None keeps the stream's own")


class ResolveBody(Body):
    """What a client connects with."""

    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="the connection's parameters")
    subscriptions: Annotated[list[SubscriptionBody], Field(max_length=MAXIMUM_SUBSCRIPTIONS)] = []
    default_streams: bool = Field(default=True, description="whether to add what is subscribed to by default")
    checkpoint: Annotated[int, Field(ge=0)] | None = Field(None, description="answer as of this checkpoint")

    def request(self, claims: VerifiedClaims) -> Request:
        """The request of a person. Raises RequestError."""
        subscriptions = tuple(Subscription(one.stream, one.parameters, one.priority) for one in self.subscriptions)
        return Request(claims, self.parameters, subscriptions, self.default_streams)


class ChangeBody(Body):
    """A source row that was written or removed."""

    operation: Literal["put", "delete"]
    table: Name = Field(description="`table` or `schema.table`")
    row: dict[str, JsonValue] | None = Field(
        None,
        description='columns of a row that was put; a BLOB is `{"$blob": "00ff"}`, other objects and lists are JSON text',
    )
    key: KeyPart | list[KeyPart] = Field(
        None, description="the primary key, a list for several columns; else the column `id`"
    )
    old: KeyPart | list[KeyPart] = Field(None, description="the primary key before an update, if it was another one")

    def change(self) -> Change:
        """The change. Raises Refusal, EvaluationError."""
        table = SourceTable.parse(self.table)
        if self.operation == "put" and self.row is not None:
            row = {name: _value(value) for name, value in self.row.items()}
            return Change.put(table, row, key=_key(self.key), old=_key(self.old))
        key = _key(self.key) if self.key is not None else (self.row or {}).get("id")
        if self.operation == "put" or key is None:
            raise Refusal(
                422, "body", "a row that is put needs `row`, one that is deleted needs `key`, or `id` in `row`"
            )
        return Change.delete(table, key)


class RowsBody(Body):
    """A batch of changes: taken in wholly, as one checkpoint, or not at all."""

    changes: Annotated[list[ChangeBody], Field(max_length=MAXIMUM_CHANGES)]
    position: Annotated[str, Field(max_length=1000)] | None = Field(
        None, description="kept with the batch, for who sends it"
    )


class ReloadBody(Body):
    """Nothing: the rules file is read anew."""


B = TypeVar("B", bound=Body)


def read_body(model: type[B], raw: bytes) -> B:
    """What was sent. An empty body is an empty object. Raises Refusal, which points at what is wrong."""
    try:
        return model.model_validate(from_json(raw, allow_inf_nan=False) if raw else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        message = f"{pointer or 'the body'}: {first['msg']}"
        raise Refusal(422, "body", message, details={"pointer": pointer}) from None
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "json", f"the body is no JSON: {error}") from None


def _key(key: KeyPart | list[KeyPart]) -> KeyPart | tuple[KeyPart, ...]:
    return tuple(key) if isinstance(key, list) else key


def _value(value: JsonValue) -> object:
    match value:
        case {"$blob": str(digits), **others} if not others:
            try:
                return bytes.fromhex(digits)
            except ValueError:
                raise Refusal(422, "body", "a `$blob` is written in hexadecimal digits, two for each byte") from None
        case dict() | list():
            return json_text(value)
        case _:
            return value
