"""What `fetch --save` tells of a page whose article is in the archive already."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.cli.exits import ExitCode
from crawler.cli.fetching.printer import Printer
from crawler.cli.fetching.result import Result
from crawler.cli.fetching.saving import result_of
from crawler.config.file import load_config
from crawler.kept.reader import Reader, open_reader
from crawler.ondemand import Archived
from crawler.render import Format
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind
from tests.crawler.cli.conftest import Command


@pytest.fixture
def kept(kliping: Command, article: str) -> dict[str, Any]:
    """The document of an article that was archived."""
    document: dict[str, Any] = json.loads(
        kliping("fetch", "--save", "-f", "json", article).out
    )
    return document


@pytest.fixture
def reader(config: Path, kept: dict[str, Any]) -> Iterator[Reader]:
    assert kept["article_id"]
    with open_reader(load_config(config)) as opened:
        yield opened


def again(
    kept: dict[str, Any],
    status: int,
    reason: str,
    state: LinkState = LinkState.ARCHIVED,
    verdict: VerdictKind | None = None,
) -> Archived:
    """A later visit to the article's page."""
    return Archived(
        url=kept["url"],
        status=status,
        state=state,
        reason=reason,
        article_id=kept["article_id"],
        verdict=verdict,
    )


def test_a_page_that_is_not_modified_is_its_standing_article(
    reader: Reader, kept: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    result = result_of(kept["url"], again(kept, 304, "not modified"), reader)

    Printer(Format.TEXT, many=False, explained=False, output=None).show(result)

    shown = capsys.readouterr()
    assert result.code is ExitCode.DONE
    assert shown.out.splitlines()[0] == kept["title"]
    assert shown.err.startswith(f"kliping: {kept['url']}: not modified since 20")


def test_a_page_that_was_read_again_has_no_note(
    reader: Reader, kept: dict[str, Any]
) -> None:
    archived = again(kept, 200, "same", verdict=VerdictKind.ARTICLE)

    result = result_of(kept["url"], archived, reader)

    assert (result.note, result.article is not None) == ("", True)


@pytest.mark.parametrize(
    ("status", "state", "verdict"),
    [
        (500, LinkState.ERROR, None),
        (200, LinkState.ARCHIVED, VerdictKind.BOT_WALL),
    ],
    ids=["error", "wall"],
)
def test_a_page_that_fails_today_does_not_show_what_it_was(
    reader: Reader,
    kept: dict[str, Any],
    status: int,
    state: LinkState,
    verdict: VerdictKind | None,
) -> None:
    archived = again(kept, status, "failed", state, verdict)

    result: Result = result_of(kept["url"], archived, reader)

    assert (bool(result.code), result.article) == (True, None)
