"""What goes wrong in a database, said once in words; no address, password or row is repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.core.errors import StoreUnavailable
from bot.core.language import mark

LOCKED = mark("another program keeps it locked")
_FULL = mark("the disk is full")
_READ_ONLY = mark("it is read-only")
_SILENT = mark("the database server does not answer")
_REFUSED = mark("the database server refuses the user or the password")

# https://www.sqlite.org/rescode.html, the low byte of the code
_SQLITE = {
    5: LOCKED,
    6: LOCKED,
    8: _READ_ONLY,
    10: mark("its disk does not read or write"),
    11: mark("its file is damaged; move it away or bring back a copy"),
    13: _FULL,
    14: mark("its file cannot be opened"),
    23: mark("its file may not be opened"),
    26: mark("its file is not a database; move it away or bring back a copy"),
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "25006": _READ_ONLY,
    "28000": _REFUSED,
    "28P01": _REFUSED,
    "3D000": mark("the database server has no database of that name"),
    "42501": mark("the database server gives its user too few rights"),
    "53100": _FULL,
    "53200": mark("the database server is out of memory"),
    "53300": mark("the database server has no connection left"),
    "55P03": LOCKED,
    "57P01": _SILENT,
    "57P02": _SILENT,
    "57P03": _SILENT,
}

# Before a session stands PostgreSQL's client gives no code, only a text.
_GREETING = {
    "authentication failed": _REFUSED,
    "no password supplied": _REFUSED,
    "does not exist": mark("the database server does not know the user or the database"),
    "too many clients": _POSTGRESQL["53300"],
}


def _reason(error: DBAPIError) -> str | None:
    """Say in words what a driver reported; None for what is a mistake of ours."""
    orig = error.orig
    code = getattr(orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = getattr(orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state)
    if error.connection_invalidated or type(orig).__name__ == "OperationalError":
        said = str(orig)
        return next((words for part, words in _GREETING.items() if part in said), _SILENT)
    return None


@contextmanager
def in_words() -> Iterator[None]:
    """Turn a database's foreseen faults into StoreUnavailable."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(mark("too many questions wait for it")) from error
    except DBAPIError as error:
        reason = _reason(error)
        if reason is None:
            raise
        raise StoreUnavailable(reason) from error
