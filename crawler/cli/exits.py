"""What a command's end means as an exit code, and as one line for people."""

import os
import sys
from collections.abc import Iterable
from enum import IntEnum

from crawler.errors import (
    BadUrl,
    ConfigError,
    CrawlError,
    ExtractFailed,
    FetchError,
    HttpError,
    MailFailed,
    NotReadable,
    RefusedDestination,
    RobotsRefused,
    TakenDown,
    TooManyRedirects,
    UsageError,
)
from crawler.troubles import has_failed
from crawler.web.client import ServiceRefused, ServiceUnreachable
from storage.errors import (
    BadBackup,
    BadQuery,
    StorageError,
    WrongCopy,
    WrongRun,
    WrongTakedown,
)
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind


class ExitCode(IntEnum):
    """Every exit code there is; docs/commands.md lists them from here."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    CONFIG = 3
    NETWORK = 4
    HTTP_ERROR = 5
    REFUSED_BY_POLICY = 6
    BLOCKED = 7
    NOT_AN_ARTICLE = 8
    RATE_LIMITED = 9
    STORAGE = 10
    REFUSED_DESTINATION = 11
    UNHEALTHY = 12
    NO_PORT = 13
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


MEANING = {
    ExitCode.DONE: "done",
    ExitCode.SOME_FAILED: "some inputs failed, or an error in Kliping itself",
    ExitCode.USAGE: "the command line, a URL or a search query cannot be read",
    ExitCode.CONFIG: "config.yaml cannot be used",
    ExitCode.NETWORK: "no connection, no such name, or no whole answer in time",
    ExitCode.HTTP_ERROR: "the server answered with an error, or redirects nowhere",
    ExitCode.REFUSED_BY_POLICY: "refused by robots.txt or by policy",
    ExitCode.BLOCKED: "blocked: bot wall, consent wall, paywall, 401, 402, 403, 451",
    ExitCode.NOT_AN_ARTICLE: "the page is not an article",
    ExitCode.RATE_LIMITED: "the server asks for a rest (429), or its turn is later",
    ExitCode.STORAGE: "the archive or an output file cannot be read or written",
    ExitCode.REFUSED_DESTINATION: "the address is not one we may ask",
    ExitCode.UNHEALTHY: "verify, doctor, health or source test found a problem",
    ExitCode.NO_PORT: "the port for the pages is taken, or may not be used",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitCode.BROKEN_PIPE: "whoever read the output stopped reading",
    ExitCode.TERMINATED: "terminated (SIGTERM); `serve` and `demo` end with 0",
}

_OF_ERROR: dict[type[BaseException], ExitCode] = {
    ConfigError: ExitCode.CONFIG,
    UsageError: ExitCode.USAGE,
    BadUrl: ExitCode.USAGE,
    BadQuery: ExitCode.USAGE,
    WrongRun: ExitCode.USAGE,
    WrongCopy: ExitCode.USAGE,
    WrongTakedown: ExitCode.USAGE,
    BadBackup: ExitCode.USAGE,
    RefusedDestination: ExitCode.REFUSED_DESTINATION,
    RobotsRefused: ExitCode.REFUSED_BY_POLICY,
    TakenDown: ExitCode.REFUSED_BY_POLICY,
    TooManyRedirects: ExitCode.HTTP_ERROR,
    FetchError: ExitCode.NETWORK,
    MailFailed: ExitCode.NETWORK,
    NotReadable: ExitCode.NOT_AN_ARTICLE,
    ExtractFailed: ExitCode.SOME_FAILED,
    ServiceUnreachable: ExitCode.STORAGE,
    CrawlError: ExitCode.SOME_FAILED,
    StorageError: ExitCode.STORAGE,
    OSError: ExitCode.STORAGE,
    KeyboardInterrupt: ExitCode.INTERRUPTED,
}
_OF_VERDICT = {
    VerdictKind.ARTICLE: ExitCode.DONE,
    VerdictKind.TEASER: ExitCode.BLOCKED,
    VerdictKind.CONSENT: ExitCode.BLOCKED,
    VerdictKind.BOT_WALL: ExitCode.BLOCKED,
    VerdictKind.HUB: ExitCode.NOT_AN_ARTICLE,
    VerdictKind.SOFT_404: ExitCode.NOT_AN_ARTICLE,
    VerdictKind.ERROR: ExitCode.NOT_AN_ARTICLE,
}
_OF_STATE = {
    LinkState.ARCHIVED: ExitCode.DONE,
    LinkState.KEPT: ExitCode.DONE,
    LinkState.DUPLICATE: ExitCode.DONE,
    LinkState.WATCHED: ExitCode.DONE,
    LinkState.CAPTURED: ExitCode.DONE,
    LinkState.NOT_ARTICLE: ExitCode.NOT_AN_ARTICLE,
    LinkState.ROBOTS: ExitCode.REFUSED_BY_POLICY,
    LinkState.REFUSED: ExitCode.REFUSED_DESTINATION,
    LinkState.BLOCKED: ExitCode.BLOCKED,
    LinkState.SCOPE: ExitCode.REFUSED_BY_POLICY,
    LinkState.TOO_OLD: ExitCode.REFUSED_BY_POLICY,
    LinkState.BUDGET: ExitCode.REFUSED_BY_POLICY,
    LinkState.TRAP: ExitCode.REFUSED_BY_POLICY,
    LinkState.GONE: ExitCode.HTTP_ERROR,
    LinkState.WAITING: ExitCode.RATE_LIMITED,
    LinkState.ERROR: ExitCode.NETWORK,
    LinkState.DEAD: ExitCode.NETWORK,
    LinkState.EXCLUDED: ExitCode.REFUSED_BY_POLICY,
    LinkState.ERASED: ExitCode.REFUSED_BY_POLICY,
}
_BLOCKED = frozenset({401, 402, 403, 407, 451})
#: What a refusal by the running service means, by its class where that tells more ...
_OF_CLASS = {
    "blocked": ExitCode.BLOCKED,
    "not_article": ExitCode.NOT_AN_ARTICLE,
    "refused": ExitCode.REFUSED_DESTINATION,
    "robots": ExitCode.REFUSED_BY_POLICY,
    "taken_down": ExitCode.REFUSED_BY_POLICY,
}
#: ... and else by its status; any other is a fault of storage.
_OF_REFUSAL = {
    400: ExitCode.USAGE,
    403: ExitCode.REFUSED_BY_POLICY,
    404: ExitCode.USAGE,
    409: ExitCode.USAGE,
    422: ExitCode.USAGE,
    424: ExitCode.NETWORK,
    429: ExitCode.RATE_LIMITED,
}


class PagesRefused(CrawlError):
    """The port for the pages is taken, or may not be used."""


def of_error(error: BaseException) -> ExitCode:
    """Return the exit code of an exception: its own, else its nearest ancestor's."""
    if isinstance(error, ServiceRefused):
        return _of_refusal(error)
    if isinstance(error, HttpError):
        return of_status(error.status)
    if isinstance(error, PagesRefused):
        return ExitCode.NO_PORT
    kinds = type(error).__mro__
    return next((_OF_ERROR[k] for k in kinds if k in _OF_ERROR), ExitCode.SOME_FAILED)


def _of_refusal(refused: ServiceRefused) -> ExitCode:
    """Return the code that the command would end with without a service."""
    problem = refused.problem
    if isinstance(answered := problem.get("answered"), int):
        return of_status(answered)
    kind = problem.get("class")
    if kind == "upstream" and problem.get("retryable") is False:
        return ExitCode.HTTP_ERROR
    by_status = _OF_REFUSAL.get(refused.status, ExitCode.STORAGE)
    return _OF_CLASS.get(str(kind), by_status)


def of_status(status: int) -> ExitCode:
    """Return the exit code of the HTTP status of a site's last answer."""
    if status == 429:
        return ExitCode.RATE_LIMITED
    if status in _BLOCKED:
        return ExitCode.BLOCKED
    return ExitCode.HTTP_ERROR if has_failed(status) else ExitCode.DONE


def of_page(status: int, verdict: VerdictKind) -> ExitCode:
    """Return the exit code of a page fetched to be read."""
    return of_status(status) or _OF_VERDICT[verdict]


def of_link(
    state: LinkState, status: int | None, verdict: VerdictKind | None
) -> ExitCode:
    """Return the exit code of a link that was to be archived.

    What the page was found to be counts before the state: a link that was
    archived once stays archived when it shows a wall today.
    """
    if status is not None and (code := of_status(status)):
        return code
    return _OF_STATE[state] if verdict is None else _OF_VERDICT[verdict]


def of_many(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code of a command that had several inputs.

    Those that all ended alike end the command so; else some have failed.
    """
    ends = set(codes) or {ExitCode.DONE}
    return ends.pop() if len(ends) == 1 else ExitCode.SOME_FAILED


def lines_of(error: BaseException) -> tuple[str, ...]:
    """Return what to tell people of an error; one line but for a ConfigError."""
    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, OSError) and error.filename and error.strerror:
        return (f"{os.fsdecode(error.filename)}: {error.strerror}",)
    if of_error(error) is ExitCode.SOME_FAILED and not isinstance(error, CrawlError):
        kind = type(error).__name__
        return (f"error in Kliping itself: {kind}: {error} (-vv shows where)",)
    return (" ".join(str(error).split()) or type(error).__name__,)


def forget_stdout() -> None:
    """Point stdout nowhere, or Python complains again when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
