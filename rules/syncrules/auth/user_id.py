"""The user id: what a `sub` must be, and when it is bound in another spelling than it was signed in.

A text is bound as it is: RFC 7519 compares it by character, and two subjects of one issuer that differ
in case are two users. Only `strict` lowers the case, and only of a UUID, which Supabase and Postgres
compare without case.
"""

import re
from typing import Final

from syncrules.auth.errors import ErrorCode, Notice, TokenError
from syncrules.auth.quoting import quoted
from syncrules.auth.source import SubjectPolicy

MAXIMUM_USER_ID: Final = 512

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_NIL: Final = "00000000-0000-0000-0000-000000000000"


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in the form of 36 characters, in any case.

    >>> is_uuid("0b7c6d1e-52a4-4f0a-9d1c-3f6a1c2b4d5e"), is_uuid("0b7c6d1e52a44f0a9d1c3f6a1c2b4d5e")
    (True, False)
    """
    return _UUID.fullmatch(text) is not None


def check_subject(subject: object) -> str:
    """The `sub` claim as a text that can name a user. Raises TokenError.

    >>> check_subject("auth0|5f7c")
    'auth0|5f7c'
    """
    if not isinstance(subject, str):
        raise _refused("`sub` claim is not a string")
    if not subject.strip():
        raise _refused("`sub` claim is empty")
    if len(subject) > MAXIMUM_USER_ID:
        raise _refused(f"`sub` claim is longer than {MAXIMUM_USER_ID} characters")
    if _CONTROL.search(subject):
        raise _refused("`sub` claim holds control characters")
    return subject


def bind_subject(subject: str, policy: SubjectPolicy) -> tuple[str, tuple[Notice, ...]]:
    """The user id that a subject is bound as, with what is suspicious. Raises TokenError under `strict`.

    >>> upper = "0B7C6D1E-52A4-4F0A-9D1C-3F6A1C2B4D5E"
    >>> bind_subject(upper, SubjectPolicy.STRICT)
    ('0b7c6d1e-52a4-4f0a-9d1c-3f6a1c2b4d5e', ())
    >>> [lint.code for lint in bind_subject(upper, SubjectPolicy.OFF)[1]]
    ['sub-not-canonical-uuid']
    """
    match policy:
        case SubjectPolicy.STRICT if not is_uuid(subject):
            raise _refused(f"`sub` claim {quoted(subject)} is not a UUID")
        case SubjectPolicy.STRICT if subject == _NIL:
            raise _refused("`sub` claim is the nil UUID")
        case SubjectPolicy.STRICT:
            return subject.lower(), ()
        case SubjectPolicy.LINT if not is_uuid(subject):
            message = f"`sub` claim {quoted(subject)} is not a UUID, so it never equals a uuid column"
            return subject, (Notice("sub-not-uuid", message),)
        case SubjectPolicy.LINT if subject == _NIL:
            return subject, (Notice("sub-nil-uuid", "`sub` claim is the nil UUID"),)
        case _ if is_uuid(subject) and subject != subject.lower():
            message = f"`sub` claim {quoted(subject)} is a UUID in upper case, and Postgres writes it in lower case"
            return subject, (Notice("sub-not-canonical-uuid", message),)
        case _:
            return subject, ()


def _refused(message: str) -> TokenError:
    return TokenError(ErrorCode.INVALID_TOKEN, message)
