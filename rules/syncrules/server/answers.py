"""What the service answers, described for clients."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue


class BucketAnswer(BaseModel):
    """A bucket that the user syncs."""

    bucket: str
    parameters: list[str | int | float | None]
    priority: int
    definition: str
    reasons: list[Literal["default"] | int]


class StreamError(BaseModel):
    """A stream of which a part could not be evaluated, and so gave nothing."""

    definition: str
    message: str
    reason: Literal["default"] | int


class UsageAnswer(BaseModel):
    """How much of the limits was used."""

    buckets: int
    parameter_results: int


class ResolveAnswer(BaseModel):
    """What the user syncs, as of a checkpoint; None if nothing was looked up."""

    user: str
    checkpoint: int | None
    buckets: list[BucketAnswer]
    errors: list[StreamError]
    usage: UsageAnswer


class RowErrorAnswer(BaseModel):
    """A row of the batch that a rule could not be evaluated for; it gives nothing there."""

    table: str
    key: JsonValue
    message: str


class RowsAnswer(BaseModel):
    """What a batch did."""

    checkpoint: int
    changed_keys: int
    errors: list[RowErrorAnswer]


class ReloadAnswer(BaseModel):
    """The rules that are in force now."""

    streams: list[str]
    warnings: list[str]


class HealthAnswer(BaseModel):
    """The service is alive; ready, if that was asked."""

    status: Literal["ok"]
    checkpoint: int | None = None


class ErrorDetails(BaseModel):
    """Why a request was not answered; more members depend on the code."""

    model_config = ConfigDict(extra="allow")
    code: str
    message: str
    help: str | None = None


class ErrorAnswer(BaseModel):
    """Every refusal."""

    error: ErrorDetails
