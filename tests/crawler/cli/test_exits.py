import re

import pytest

from crawler import errors as crawl
from crawler.cli.exits import (
    MEANING,
    ExitCode,
    PagesRefused,
    lines_of,
    of_error,
    of_link,
    of_many,
    of_page,
    of_status,
)
from crawler.troubles import problem_of
from crawler.web.client import ServiceRefused, ServiceUnreachable
from storage import errors as storage
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind

URL = "https://courier.example/"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (crawl.ConfigError(["a"]), 3),
        (crawl.UsageError("a"), 2),
        (crawl.BadUrl(URL, "a"), 2),
        (crawl.RefusedDestination(URL, "a"), 11),
        (crawl.RobotsRefused(URL, "a"), 6),
        (crawl.NameNotResolved(URL, "a"), 4),
        (crawl.ConnectFailed(URL, "a"), 4),
        (crawl.FetchTimeout(URL, "a"), 4),
        (crawl.BadResponse(URL, "a"), 4),
        (crawl.TooManyRedirects(URL, "a"), 5),
        (crawl.NotReadable("a"), 8),
        (crawl.ExtractFailed("a"), 1),
        (storage.DiskFull("a"), 10),
        (storage.SchemaTooNew("a"), 10),
        (storage.BadQuery("a"), 2),
        (PagesRefused("a"), 13),
        (crawl.HttpError(URL, 404), 5),
        (crawl.HttpError(URL, 403), 7),
        (ServiceUnreachable("a"), 10),
        (ServiceRefused(404, "a"), 2),
        (ServiceRefused(500, "a"), 10),
        (ServiceRefused(401, "a"), 10),
        (OSError("a"), 10),
        (ZeroDivisionError("a"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_a_command_with_its_code(error: Exception, code: int) -> None:
    assert of_error(error) == code


@pytest.mark.parametrize(
    "error",
    [
        crawl.BadUrl(URL, "a"),
        crawl.RefusedDestination(URL, "a"),
        crawl.RobotsRefused(URL, "a"),
        crawl.TakenDown(URL),
        crawl.NameNotResolved(URL, "a"),
        crawl.TooManyRedirects(URL, "a"),
        crawl.NotReadable("a"),
        crawl.UsageError("a"),
        crawl.HttpError(URL, 403),
        crawl.HttpError(URL, 404),
        crawl.HttpError(URL, 429),
        crawl.HttpError(URL, 503),
        storage.DiskFull("a"),
    ],
    ids=lambda error: " ".join([type(error).__name__, *re.findall(r"\d+", str(error))]),
)
def test_an_error_ends_a_command_alike_beside_a_service(error: Exception) -> None:
    told = problem_of(error)

    assert of_error(ServiceRefused(told["status"], "a", told)) == of_error(error)


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, 0), (302, 5), (304, 0), (403, 7), (451, 7), (404, 5), (429, 9), (503, 5)],
)
def test_a_status_has_its_code(status: int, code: int) -> None:
    assert of_status(status) == code


@pytest.mark.parametrize("kind", VerdictKind)
def test_only_an_article_is_done(kind: VerdictKind) -> None:
    assert (of_page(200, kind) == ExitCode.DONE) == (kind is VerdictKind.ARTICLE)


def test_the_status_counts_before_the_verdict() -> None:
    assert of_page(403, VerdictKind.SOFT_404) == ExitCode.BLOCKED


@pytest.mark.parametrize("state", LinkState)
def test_every_state_of_a_link_has_a_code(state: LinkState) -> None:
    assert of_link(state, None, None) in ExitCode


@pytest.mark.parametrize(
    ("state", "status", "verdict", "code"),
    [
        (LinkState.ARCHIVED, 200, VerdictKind.ARTICLE, 0),
        (LinkState.ARCHIVED, 200, VerdictKind.BOT_WALL, 7),
        (LinkState.ARCHIVED, 304, None, 0),
        (LinkState.ERROR, 429, None, 9),
        (LinkState.ERROR, None, None, 4),
        (LinkState.ERROR, 302, None, 5),
        (LinkState.ROBOTS, None, None, 6),
        (LinkState.REFUSED, None, None, 11),
    ],
)
def test_a_link_that_was_to_be_archived_has_a_code(
    state: LinkState, status: int | None, verdict: VerdictKind | None, code: int
) -> None:
    assert of_link(state, status, verdict) == code


@pytest.mark.parametrize(
    ("codes", "code"),
    [((), 0), ((0, 0), 0), ((0, 5), 1), ((5, 5), 5), ((5, 7), 1)],
)
def test_several_ends_make_one(codes: tuple[int, ...], code: int) -> None:
    assert of_many(map(ExitCode, codes)) == code


def test_every_code_has_a_meaning() -> None:
    assert set(MEANING) == set(ExitCode)


def test_an_error_of_many_lines_is_told_in_one() -> None:
    assert lines_of(storage.StorageError("a\n  b")) == ("a b",)
    assert lines_of(storage.StorageError()) == ("StorageError",)


def test_an_error_of_the_system_is_told_without_its_number() -> None:
    error = PermissionError(13, "Permission denied", "/srv/kliping")

    assert lines_of(error) == ("/srv/kliping: Permission denied",)


def test_a_config_error_keeps_its_lines() -> None:
    assert lines_of(crawl.ConfigError(["a", "b"])) == ("a", "b")
