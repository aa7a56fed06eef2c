"""Logs: events with fields, one line each, in English whoever is answered, and never a secret."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.core.language import ENGLISH, Said, speaking

# A Telegram token (also inside the URLs that its client logs, where it follows "bot"), and a
# Discord token.
_TOKENS = re.compile(r"(?<!\d)\d{6,}:[\w-]{30,}|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")
_HIDDEN = "[hidden]"

# These libraries say at INFO what is only of use to their authors; httpx even names the URL,
# which holds the Telegram token.
_QUIET = ("httpx", "httpcore", "telegram", "discord", "apscheduler", "ccxt", "aiosqlite", "alembic")


class Redaction:
    """Takes known secrets, and whatever looks like a token, out of text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 8]  # noqa: PLR2004 - shorter ones would blot out words

    def clean(self, text: str) -> str:
        """Return `text` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _TOKENS.sub(_HIDDEN, text)


def start_logging(
    level: str = "INFO",
    form: Literal["console", "json"] = "console",
    secrets: Iterable[str] = (),
) -> None:
    """Send every log, ours and the libraries', to stderr through one redaction."""
    redaction = Redaction(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_plain)
    )

    def rendered(logger: WrappedLogger, name: str, event: EventDict) -> str:
        line = last(logger, name, event)
        return redaction.clean(line if isinstance(line, str) else str(line))

    exceptions = [structlog.processors.format_exc_info] if form == "json" else []
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _said,
            *exceptions,
            rendered,
        ],
    )
    handler = _English(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Each retry is followed by success, or by an event of our own that says what failed.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _English(logging.StreamHandler[TextIO]):
    """Writes for operators, also what happens while somebody is answered in another language."""

    def emit(self, record: logging.LogRecord) -> None:
        with speaking(ENGLISH):
            super().emit(record)


def _said(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Write errors and kept sentences as they are said."""
    return {
        key: str(value) if isinstance(value, Exception | Said) else value
        for key, value in event.items()
    }


def _plain(stream: object, exc_info: structlog.typing.ExcInfo) -> None:
    structlog.dev.plain_traceback(stream, exc_info)  # type: ignore[arg-type]  # TextIO by contract
