"""Ways are counted by article, over days that every list could name."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from storage.model.link_kind import Way
from storage.model.link_state import LinkState
from storage.sql.coverage import source_coverage
from tests.storage.material import NOON

Add = Callable[..., int]
NOW = NOON + timedelta(days=10)
THEN = NOON + timedelta(days=5)


def test_an_article_counts_by_all_its_addresses(
    session: Session, add_source: Add, add_link: Add
) -> None:
    """Eight of a feed whose AMP copies a sitemap names; two of the feed alone."""
    source = add_source("a")
    for n in range(10):
        own = add_link(
            f"{n}", source_id=source, state="archived", found_at=THEN, ways=Way.FEED
        )
        if n < 8:
            add_link(
                f"amp/{n}",
                source_id=source,
                state="duplicate",
                found_at=THEN,
                ways=Way.SITEMAP,
                alias_of=own,
            )

    coverage = source_coverage(session, source, NOW)

    assert coverage.articles == 10
    assert coverage.named == {"feed": 10, "sitemap": 8, "section": 0}
    assert coverage.both["feed+sitemap"] == 8
    assert coverage.missed_share == 0.0


def test_what_not_every_list_could_name_does_not_count(
    session: Session, add_source: Add, add_link: Add
) -> None:
    source, other = add_source("a"), add_source("b")
    archived = {"source_id": source, "state": "archived", "ways": Way.FEED}
    add_link("first day", **archived, found_at=NOON + timedelta(hours=2))
    add_link("last day", **archived, found_at=NOW - timedelta(hours=2))
    add_link("old", **archived, found_at=THEN, published=NOON - timedelta(days=3))
    add_link("by hand", **archived | {"ways": 0}, found_at=THEN)
    add_link("other", **archived | {"source_id": other}, found_at=THEN)
    add_link("hub", **archived | {"state": LinkState.NOT_ARTICLE}, found_at=THEN)
    add_link("part", **archived | {"state": LinkState.DUPLICATE}, found_at=THEN)

    assert source_coverage(session, source, NOW).articles == 0
