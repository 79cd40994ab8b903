"""Who decides a value: nobody, the server that signed the token, the user in their profile, or the client.

The order is that of a lattice: a value made of several is as doubtful as the most doubtful of them.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from syncrules.plan.expression import Call, Constant, Expression, RequestValue, children, leaves

_JSON_STEPS: Final = frozenset({"->", "->>", "legacy ->", "legacy ->>", "json_extract", "legacy json_extract"})
_EDITABLE: Final = "user_metadata"


class Trust(IntEnum):
    """How far a value can be trusted, the most trusted first."""

    CONSTANT = 0
    SIGNED = 1
    EDITABLE = 2
    """Signed by the server, but written by the user: Supabase lets users change their `user_metadata`."""
    CLIENT = 3

    def __str__(self) -> str:
        return ("constant", "signed", "user-editable", "client-sent")[self]


def print_trust(expressions: Iterable[Expression]) -> str:
    """Who decides what each of some expressions reads of the request; empty if they read nothing of it.

    >>> print_trust([RequestValue("subscription"), RequestValue("user_id")])
    'signed, client-sent'
    """
    return ", ".join(map(str, sorted({trust_of(each) for each in expressions if reads_request(each)})))


def trust_of(expression: Expression) -> Trust:
    """The trust of a value of the request, or of an expression over several.

    >>> trust_of(Call("->>", (RequestValue("token"), Constant("text", "$.user_metadata.role")))).name
    'EDITABLE'
    >>> trust_of(RequestValue("subscription")).name
    'CLIENT'
    """
    if claim_path(expression)[:1] == (_EDITABLE,):
        return Trust.EDITABLE
    match expression:
        case RequestValue(part="connection" | "subscription"):
            return Trust.CLIENT
        case RequestValue():
            return Trust.SIGNED
        case _:
            return max(map(trust_of, children(expression)), default=Trust.CONSTANT)


def claim_path(expression: Expression) -> tuple[str, ...]:
    """The names that lead from the token to a claim, as far as they are constant; empty for anything else.

    >>> inner = Call("->>", (RequestValue("token"), Constant("text", "app_metadata")))
    >>> claim_path(Call("->>", (inner, Constant("text", "org"))))
    ('app_metadata', 'org')
    """
    match expression:
        case Call(function=function, arguments=(inner, Constant(type="text", text=path))) if function in _JSON_STEPS:
            names = _names(path, dotted=function.startswith("legacy"))
            if inner == RequestValue("token"):
                return names
            before = claim_path(inner)
            return (*before, *names) if before else ()
        case _:
            return ()


def claims_in(expression: Expression) -> list[tuple[str, ...]]:
    """The paths of all claims that an expression reads, the longest of each."""
    path = claim_path(expression)
    if path:
        return [path]
    return [found for child in children(expression) for found in claims_in(child)]


def reads_request(expression: Expression) -> bool:
    """Whether an expression reads anything that a request carries."""
    return any(isinstance(leaf, RequestValue) for leaf in leaves(expression))


def _names(path: str, *, dotted: bool) -> tuple[str, ...]:
    if path.startswith("$"):
        return tuple(name.strip('"') for name in path.removeprefix("$").replace("[", ".[").split(".") if name)
    return tuple(path.split(".")) if dotted else (path,)
