"""What an error is to a program that asked."""

import pytest

import crawler.errors
import storage.errors
from crawler.errors import BadUrl, CrawlError, HttpError, NameNotResolved
from crawler.troubles import (
    TroubleKind,
    trouble_of,
    trouble_of_answer,
    trouble_of_link,
    trouble_of_status,
)
from storage.errors import DiskFull, StorageError
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind

URL = "https://harbour.example/1"


def every(root: type[Exception]) -> list[type[Exception]]:
    below = [one for kind in root.__subclasses__() for one in every(kind)]
    return [root, *below]


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in [*every(CrawlError), *every(StorageError)]
        if kind.__module__ in {crawler.errors.__name__, storage.errors.__name__}
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_error_of_the_trees_has_a_class(kind: type[Exception]) -> None:
    error = Exception.__new__(kind)
    if isinstance(error, HttpError):
        error.status = 500

    trouble = trouble_of(error)

    assert 400 <= trouble.status < 600
    assert trouble.retryable or trouble.retry_after is None


def test_an_error_of_no_tree_is_our_own_fault() -> None:
    assert trouble_of(ValueError()).kind is TroubleKind.INTERNAL


@pytest.mark.parametrize(
    ("error", "status", "kind", "retryable"),
    [
        (BadUrl(URL, "no"), 422, TroubleKind.BAD_URL, False),
        (NameNotResolved(URL, "no"), 424, TroubleKind.UPSTREAM, True),
        (HttpError(URL, 404), 424, TroubleKind.UPSTREAM, False),
        (HttpError(URL, 403), 424, TroubleKind.BLOCKED, False),
        (HttpError(URL, 502), 424, TroubleKind.UPSTREAM, True),
        (DiskFull(), 507, TroubleKind.DISK_FULL, True),
    ],
    ids=str,
)
def test_an_error_says_whether_to_ask_again(
    error: Exception, status: int, kind: TroubleKind, *, retryable: bool
) -> None:
    trouble = trouble_of(error)

    assert (trouble.status, trouble.kind) == (status, kind)
    assert trouble.retryable is retryable


def test_a_status_alone_has_a_class() -> None:
    assert trouble_of_status(404).kind is TroubleKind.NOT_FOUND
    assert trouble_of_status(418).kind is TroubleKind.BAD_REQUEST
    assert trouble_of_status(429, 7).retry_after == 7


def test_a_site_that_asks_for_a_rest_is_upstream() -> None:
    assert trouble_of_answer(429).kind is TroubleKind.UPSTREAM
    assert trouble_of_answer(429).retry_after


@pytest.mark.parametrize("state", LinkState)
def test_a_link_that_gave_nothing_says_why(state: LinkState) -> None:
    fine = {
        LinkState.ARCHIVED,
        LinkState.KEPT,
        LinkState.WATCHED,
        LinkState.CAPTURED,
        LinkState.DUPLICATE,
    }

    assert (trouble_of_link(state, None, None) is None) is (state in fine)


def test_a_wall_today_counts_before_an_article_of_yesterday() -> None:
    found = trouble_of_link(LinkState.ARCHIVED, 200, VerdictKind.BOT_WALL)

    assert found is not None
    assert found.kind is TroubleKind.BLOCKED


def test_a_teaser_is_an_article() -> None:
    assert trouble_of_link(LinkState.ARCHIVED, 200, VerdictKind.TEASER) is None
