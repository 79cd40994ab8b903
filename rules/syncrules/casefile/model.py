"""The case file: rules, rows, people, and who must see what. Its JSON Schema comes from these classes."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from syncrules.resolve.request import PRIORITIES


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int)]
"""A row's id, as clients see it: a text; a whole number is taken for its text."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class PersonShape(_Shape):
    """Somebody: either claims, taken as they are, or a token's file, which is verified with `auth` at `now`."""

    claims: dict[str, JsonValue] | None = None
    token: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.claims is None) == (self.token is None):
            msg = "a person has either `claims` or a `token`"
            raise ValueError(msg)
        return self


class SubscriptionShape(_Shape):
    """A subscription of a connection to a stream."""

    stream: str
    parameters: dict[str, JsonValue] | None = None
    priority: Annotated[int, Field(ge=PRIORITIES[0], le=PRIORITIES[-1])] | None = None


class TableCheck(_Shape):
    """What must be, and must not be, among the visible rows of a table."""

    includes: list[Id] = []
    excludes: list[Id] = []


class Expectation(_Shape):
    """What a connection must get. What is left out is not checked, except for errors, of which there must be none.

    `rows` is everything that syncs, by table on the client: tables that it leaves out have none. `visible` speaks of
    some tables only: a list is all that is visible of one.
    """

    buckets: list[str] | None = Field(None, description="The ids of all buckets.")
    rows: dict[str, list[Id]] | None = Field(None, description="The ids of all rows, by table.")
    visible: dict[str, list[Id] | TableCheck] = Field({}, description="The ids of a table's rows, or some of them.")
    forbidden: dict[str, list[Id]] = Field({}, description="Ids that must not sync.")
    max_buckets: int | None = Field(None, ge=0, description="So many buckets at most.")
    errors: list[str] = Field([], description="Streams and definitions that cannot be evaluated.")
    refused: str | None = Field(None, description="The code with which the connection is refused.")


class Case(_Shape):
    """A connection, and what it must get."""

    name: str
    person: str
    parameters: dict[str, JsonValue] = Field({}, description="Connection parameters.")
    subscriptions: list[SubscriptionShape] = []
    default_streams: bool = Field(default=True, description="Whether the client takes what is on by default.")
    expect: Expectation


class CaseFile(_Shape):
    """A whole case file. Paths are relative to it."""

    rules: str = Field(description="The rules file.")
    db_schema: str | None = Field(None, alias="schema", description="SQL, a folder of migrations, or JSON.")
    auth: str | None = Field(None, description="How tokens are verified: a `client_auth` file.")
    now: str | int | float | None = Field(None, description="When tokens are verified: ISO 8601 or seconds since 1970.")
    data: str | None = Field(None, description="Rows: a folder with a file a table, or one file.")
    tables: dict[str, list[dict[str, JsonValue]] | str] = Field({}, description="Rows of a table, or their file.")
    people: dict[str, PersonShape] = {}
    diagnostics: list[str] | None = Field(None, description="The codes of all warnings of the rules.")
    row_errors: list[str] = Field([], description="Rows, as `table id`, that some query cannot be evaluated on.")
    cases: list[Case]
