"""The option `--subscribe NAME[=JSON]`: subscriptions to streams."""

from collections.abc import Iterable
from typing import Final

from syncrules.cli.person import json_object
from syncrules.cli.problem import Problem
from syncrules.resolve.request import RequestError, Subscription

SUBSCRIBE_HELP: Final = "Subscribe to a stream, with parameters. May be repeated."


def subscriptions(texts: Iterable[str]) -> tuple[Subscription, ...]:
    """A subscription for each use of the option. Raises Problem."""
    return tuple(map(_subscription, texts))


def _subscription(text: str) -> Subscription:
    name, equals, parameters = text.partition("=")
    try:
        return Subscription(name, json_object(parameters, f"the parameters of `{name}`") if equals else None)
    except RequestError as error:
        raise Problem("subscription", str(error)) from None
