"""What bucket queries read of a request."""

from typing import Protocol

from syncrules.values.value import SqlValue


class RequestValues(Protocol):
    """SQL values, the JSON ones as text."""

    @property
    def user_id(self) -> SqlValue: ...
    @property
    def token(self) -> SqlValue: ...
    @property
    def connection(self) -> SqlValue: ...
    @property
    def subscription(self) -> SqlValue: ...
