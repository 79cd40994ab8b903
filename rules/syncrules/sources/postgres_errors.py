"""Why a PostgreSQL database cannot be read, in words that hold no password."""

from collections.abc import Iterator
from contextlib import contextmanager

from syncrules.sources.files import RowsError


def password_of(url: str) -> str:
    """The password in a URL or connection string of libpq; empty without one. Raises RowsError if it is neither."""
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise RowsError("database-extra", "to use a database, install `syncrules[postgres]`") from None
    try:
        return str(conninfo_to_dict(url).get("password") or "")
    except psycopg.Error:
        # The driver's text may repeat what it could not read.
        message = "this is no URL of a PostgreSQL database: it is like postgresql://user@host:5432/name"
        raise RowsError("database-url", message) from None


@contextmanager
def refusals(what: str, password: str) -> Iterator[None]:
    """Raises RowsError for what the driver raises about `what`."""
    import psycopg
    from psycopg import errors

    try:
        yield
    except psycopg.Error as error:
        text = " ".join((error.diag.message_primary or str(error)).split()) or type(error).__name__
        if password:
            text = text.replace(password, "…")
        match error:
            case errors.InsufficientPrivilege():
                raise RowsError("database-permission", f"{what}: {text}{_advice(text)}") from None
            case errors.QueryCanceled() | errors.LockNotAvailable() | errors.ConnectionTimeout():
                message = f"{what}: no answer in time ({text}); wait longer with a larger timeout"
                raise RowsError("database-timeout", message) from None
            case errors.CharacterNotInRepertoire() | errors.UntranslatableCharacter():
                raise RowsError("database-value", f"{what} holds text that is not UTF-8: {text}") from None
            case psycopg.OperationalError():
                raise RowsError("database-connection", f"{what} cannot be reached: {text}") from None
            case _:
                raise RowsError("database", f"{what}: {text}") from None


def _advice(text: str) -> str:
    if "row-level security" in text:
        return "; row security would hide rows: connect as a role that has BYPASSRLS, or owns the table"
    return "; grant SELECT on it to the role that connects"
