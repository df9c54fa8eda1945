"""What an error is to a program that asked: its class, and whether to ask again. Pure.

The classes are words that do not change; messages are for people and do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from crawler.errors import (
    BadUrl,
    ConfigError,
    CrawlError,
    ExtractFailed,
    FetchError,
    HostBusy,
    HttpError,
    LeavesHost,
    NotReadable,
    RefusedDestination,
    RenderFailed,
    RobotsRefused,
    TakenDown,
    TooManyJobs,
    TooManyRedirects,
    UsageError,
)
from storage.errors import (
    ArchiveBusy,
    BadQuery,
    CorruptRecord,
    DiskFull,
    RecordElsewhere,
    SchemaTooNew,
    SchemaTooOld,
    StorageError,
    VisitLost,
    WrongRun,
    WrongTakedown,
)
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind

#: All that is told of a fault of our own.
UNEXPECTED = "Something went wrong; the log says what."
#: Statuses by which a server keeps a page from us.
BLOCKING = frozenset({401, 402, 403, 407, 451})


class TroubleKind(StrEnum):
    """The classes of errors."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    WRONG_HOST = "wrong_host"
    INVALID = "invalid"
    BAD_URL = "bad_url"
    REFUSED = "refused"
    ROBOTS = "robots"
    NOT_ARTICLE = "not_article"
    UPSTREAM = "upstream"
    BLOCKED = "blocked"
    BUSY = "busy"
    TAKEN_DOWN = "taken_down"
    DISK_FULL = "disk_full"
    STORAGE = "storage"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What an error is to a program.

    Attributes:
        status: The HTTP status that it is answered with.
        kind: Its class.
        retryable: Whether the same request may end well later, unchanged.
        retry_after: Seconds until then, where that can be told.
    """

    status: int
    kind: TroubleKind
    retryable: bool = False
    retry_after: int | None = None


_UPSTREAM = Trouble(status=424, kind=TroubleKind.UPSTREAM, retryable=True)
_UPSTREAM_LASTING = Trouble(status=424, kind=TroubleKind.UPSTREAM)
_BLOCKED = Trouble(status=424, kind=TroubleKind.BLOCKED)
_BUSY = Trouble(status=429, kind=TroubleKind.BUSY, retryable=True, retry_after=60)
_NOT_ARTICLE = Trouble(status=422, kind=TroubleKind.NOT_ARTICLE)
_ROBOTS = Trouble(status=409, kind=TroubleKind.ROBOTS)
_REFUSED = Trouble(status=403, kind=TroubleKind.REFUSED)
_TAKEN_DOWN = Trouble(status=403, kind=TroubleKind.TAKEN_DOWN)
_CONFLICT = Trouble(status=409, kind=TroubleKind.CONFLICT)
_INVALID = Trouble(status=422, kind=TroubleKind.INVALID)
_OTHER_SCHEMA = Trouble(status=503, kind=TroubleKind.STORAGE)

#: By the nearest ancestor in the trees of crawler.errors and storage.errors.
OF_ERROR: Mapping[type[Exception], Trouble] = {
    BadUrl: Trouble(status=422, kind=TroubleKind.BAD_URL),
    RefusedDestination: _REFUSED,
    RobotsRefused: _ROBOTS,
    TakenDown: _TAKEN_DOWN,
    HostBusy: _BUSY,
    TooManyRedirects: _UPSTREAM_LASTING,
    LeavesHost: _UPSTREAM_LASTING,
    FetchError: _UPSTREAM,
    TooManyJobs: Trouble(
        status=429, kind=TroubleKind.BUSY, retryable=True, retry_after=10
    ),
    NotReadable: _NOT_ARTICLE,
    RenderFailed: Trouble(status=503, kind=TroubleKind.UNAVAILABLE, retryable=True),
    ExtractFailed: Trouble(status=500, kind=TroubleKind.INTERNAL),
    ConfigError: _INVALID,
    UsageError: _INVALID,
    CrawlError: _INVALID,
    BadQuery: Trouble(status=400, kind=TroubleKind.BAD_REQUEST),
    WrongRun: _CONFLICT,
    WrongTakedown: _CONFLICT,
    DiskFull: Trouble(
        status=507, kind=TroubleKind.DISK_FULL, retryable=True, retry_after=300
    ),
    ArchiveBusy: Trouble(
        status=503, kind=TroubleKind.BUSY, retryable=True, retry_after=30
    ),
    VisitLost: Trouble(
        status=503, kind=TroubleKind.BUSY, retryable=True, retry_after=30
    ),
    SchemaTooNew: _OTHER_SCHEMA,
    SchemaTooOld: _OTHER_SCHEMA,
    CorruptRecord: _OTHER_SCHEMA,
    RecordElsewhere: Trouble(status=503, kind=TroubleKind.STORAGE, retryable=True),
    StorageError: Trouble(
        status=503, kind=TroubleKind.STORAGE, retryable=True, retry_after=30
    ),
}
_OF_STATUS: Mapping[int, TroubleKind] = {
    400: TroubleKind.BAD_REQUEST,
    401: TroubleKind.UNAUTHORIZED,
    403: TroubleKind.FORBIDDEN,
    404: TroubleKind.NOT_FOUND,
    405: TroubleKind.METHOD_NOT_ALLOWED,
    409: TroubleKind.CONFLICT,
    410: TroubleKind.GONE,
    413: TroubleKind.TOO_LARGE,
    415: TroubleKind.UNSUPPORTED_TYPE,
    421: TroubleKind.WRONG_HOST,
    422: TroubleKind.INVALID,
    424: TroubleKind.UPSTREAM,
    429: TroubleKind.BUSY,
    451: TroubleKind.TAKEN_DOWN,
    503: TroubleKind.UNAVAILABLE,
    507: TroubleKind.DISK_FULL,
}
_RETRYABLE = frozenset({429, 503, 507})
_OF_STATE: Mapping[LinkState, Trouble] = {
    LinkState.WAITING: _BUSY,
    LinkState.NOT_ARTICLE: _NOT_ARTICLE,
    LinkState.ROBOTS: _ROBOTS,
    LinkState.REFUSED: _REFUSED,
    LinkState.BLOCKED: _BLOCKED,
    LinkState.GONE: _UPSTREAM_LASTING,
    LinkState.ERROR: _UPSTREAM,
    LinkState.DEAD: _UPSTREAM,
    LinkState.TRAP: _NOT_ARTICLE,
    LinkState.SCOPE: _NOT_ARTICLE,
    LinkState.TOO_OLD: _NOT_ARTICLE,
    LinkState.BUDGET: _BUSY,
    LinkState.EXCLUDED: _TAKEN_DOWN,
    LinkState.ERASED: _TAKEN_DOWN,
}
_OF_VERDICT: Mapping[VerdictKind, Trouble] = {
    VerdictKind.HUB: _NOT_ARTICLE,
    VerdictKind.CONSENT: _BLOCKED,
    VerdictKind.BOT_WALL: _BLOCKED,
    VerdictKind.SOFT_404: _NOT_ARTICLE,
    VerdictKind.ERROR: _NOT_ARTICLE,
}


def trouble_of(error: Exception) -> Trouble:
    """Return what an error is; one of no tree of ours is a fault of our own."""
    if isinstance(error, HttpError):
        return trouble_of_answer(error.status)
    kinds = type(error).__mro__
    unknown = Trouble(status=500, kind=TroubleKind.INTERNAL)
    return next((OF_ERROR[kind] for kind in kinds if kind in OF_ERROR), unknown)


def problem_document(
    trouble: Trouble, detail: str, problems: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a program is told of a trouble (RFC 9457)."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(trouble.status).phrase,
        "status": trouble.status,
        "class": str(trouble.kind),
        "retryable": trouble.retryable,
        "retry_after": trouble.retry_after,
        "detail": detail,
        "problems": list(problems) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def problem_of(error: Exception) -> dict[str, Any]:
    """Return what a program is told of an error; not the words of one of our own."""
    trouble = trouble_of(error)
    problems = error.problems if isinstance(error, ConfigError) else ()
    if trouble.kind is TroubleKind.INTERNAL:
        return problem_document(trouble, UNEXPECTED)
    return problem_document(trouble, str(error), problems) | answered(error)


def answered(error: Exception) -> dict[str, Any]:
    """Return what the document of an error says of the site's own answer, if it did."""
    return {"answered": error.status} if isinstance(error, HttpError) else {}


def trouble_of_status(status: int, retry_after: int | None = None) -> Trouble:
    """Return what is said by an HTTP status of our own alone."""
    otherwise = TroubleKind.INTERNAL if status >= 500 else TroubleKind.BAD_REQUEST
    return Trouble(
        status=status,
        kind=_OF_STATUS.get(status, otherwise),
        retryable=status in _RETRYABLE or retry_after is not None,
        retry_after=retry_after,
    )


def has_failed(status: int) -> bool:
    """Tell whether a site's last answer is no page: an error, or leads nowhere."""
    return status >= 300 and status != 304


def trouble_of_answer(status: int) -> Trouble:
    """Return what it is that a site answered so, at last."""
    if status in BLOCKING:
        return _BLOCKED
    if status == 429:
        return Trouble(
            status=429, kind=TroubleKind.UPSTREAM, retryable=True, retry_after=60
        )
    return _UPSTREAM if status >= 500 or status == 408 else _UPSTREAM_LASTING


def trouble_of_link(
    state: LinkState, status: int | None, verdict: VerdictKind | None
) -> Trouble | None:
    """Return why a link gave no article when it was asked for, None where it did.

    What the page was found to be counts before the state: a link that was archived
    once stays so when it shows a wall today.
    """
    if status is not None and has_failed(status):
        return trouble_of_answer(status)
    return _OF_STATE.get(state) if verdict is None else _OF_VERDICT.get(verdict)
