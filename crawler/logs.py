"""Logs on stderr: coloured on a terminal, one JSON object a line elsewhere.

Secrets never reach a log: they are replaced before anything is rendered
(crawler.redaction). What a stranger's server said drives no terminal, whether a line is
written on one or read there later. What libraries log by the standard library takes the same way.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from crawler.redaction import REDACTED, is_secret, redacted
from crawler.terminal import escaped, plain

Event = MutableMapping[str, Any]
#: From which level on libraries are heard. While a database is away, APScheduler
#: warns each second of a tick that waits, and psycopg of each try to connect; whose
#: work it stops says so itself. uvicorn warns of each request that is none, and to send
#: those by the thousand needs no token.
_LEAST = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "psycopg.pool": logging.ERROR,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.ERROR,
}


def log_to_stderr(level: str, stream: TextIO | None = None) -> None:
    """Send all events at or above a level to stderr; replaces what was set before.

    Args:
        level: debug, info, warning, error or critical.
        stream: Where to, instead of stderr.
    """
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:-1],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _drop_doubles,
                *_endings(stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(max(root.level, least))


def _endings(stream: TextIO) -> list[Any]:
    first = [structlog.processors.format_exc_info, _redact_event]
    if stream.isatty():
        shown = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback
        )
        return [*first, _disarm_event, shown]
    as_json = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    return [*first, as_json, _disarm_line]


def _drop_doubles(_logger: object, _method: str, event: Event) -> Event:
    """Drop what uvicorn adds for its own formatter: the message with colours."""
    event.pop("color_message", None)
    return event


def _redact_event(_logger: object, _method: str, event: Event) -> Event:
    for name, value in event.items():
        event[name] = REDACTED if is_secret(name) else redacted(value)
    return event


def _disarm_event(_logger: object, _method: str, event: Event) -> Event:
    """Take out of texts what drives a terminal; those in lists are shown with escapes."""
    for name, value in event.items():
        event[name] = plain(value) if isinstance(value, str) else value
    return event


def _disarm_line(_logger: object, _method: str, line: str) -> str:
    return escaped(line)
