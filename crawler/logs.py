"""Logs on stderr: coloured on a terminal, one JSON object a line elsewhere.

Secrets never reach a log: values under telling names, credentials in URLs and
query parameters that are keys are replaced before anything is rendered. What
libraries log by the standard library takes the same way.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"
#: Names whose value is a secret, whole or as a part between separators.
_SECRET_NAME = re.compile(
    r"(?:^|[-_.])(?:authorization|cookie|token|secret|password|passwd|api[-_]?key)"
    r"(?:$|[-_.])",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/?#@]*@", re.IGNORECASE)
_QUERY = re.compile(
    r"(?P<name>[?&;][^=&#\s]*?(?:token|key|sig|signature|password|secret)=)[^&#\s]+",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie)(?P<colon>['\"]?\s*[:=]\s*)"
    r"[^\r\n]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?P<scheme>bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

Event = MutableMapping[str, Any]


def redact(text: str) -> str:
    """Return the text with what may be a secret replaced."""
    text = _USERINFO.sub(rf"\g<scheme>{REDACTED}@", text)
    text = _QUERY.sub(rf"\g<name>{REDACTED}", text)
    text = _HEADER.sub(rf"\g<name>\g<colon>{REDACTED}", text)
    return _BEARER.sub(rf"\g<scheme> {REDACTED}", text)


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
    for noisy in ("httpx", "httpcore", "uvicorn.access", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING))


def _endings(stream: TextIO) -> list[Any]:
    if stream.isatty():
        last: Any = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback
        )
    else:
        last = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    return [structlog.processors.format_exc_info, _redact_event, last]


def _drop_doubles(_logger: object, _method: str, event: Event) -> Event:
    """Drop what uvicorn adds for its own formatter: the message with colours."""
    event.pop("color_message", None)
    return event


def _redact_event(_logger: object, _method: str, event: Event) -> Event:
    for name, value in event.items():
        event[name] = REDACTED if _SECRET_NAME.search(name) else _redacted(value)
    return event


def _redacted(value: object) -> object:
    match value:
        case str():
            return redact(value)
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case dict():
            return {
                name: REDACTED if _SECRET_NAME.search(str(name)) else _redacted(inner)
                for name, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_redacted(inner) for inner in value]
        case BaseException():
            return redact(f"{type(value).__name__}: {value}")
        case _:
            return value
