"""The database's own counts, against counting."""

import random
from collections.abc import Callable

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.articles import Kept
from storage.sql.census import languages, ledger_counts
from storage.sql.tables import LinkRow
from tests.storage.census import counted, said
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
Add = Callable[..., int]


def test_they_hold_whatever_is_changed_and_however(
    session: Session, add_source: Add
) -> None:
    """Rows by objects and in bulk, one and many at once, also what changes nothing."""
    dice = random.Random(7)  # no secret
    sources = [add_source(name) for name in "abc"]
    for turn in range(12):
        session.execute(
            insert(LinkRow),
            [
                {
                    "host": "news.example",
                    "url": f"https://news.example/{turn}/{n}",
                    "key": f"//news.example/{turn}/{n}",
                    "kind": dice.choice(["article", "asset", "feed"]),
                    "state": dice.choice(["waiting", "error"]),
                    "source_id": dice.choice([None, *sources]),
                    "found_at": NOON,
                }
                for n in range(dice.randrange(1, 20))
            ],
        )
        some = col(LinkRow.id) % dice.randrange(2, 5) == 0
        for values in (
            {"state": LinkState.ARCHIVED},
            {"source_id": dice.choice([None, *sources])},
            {"kind": LinkKind.SECTION},
            {"reason": "none of that"},
            {"state": col(LinkRow.state)},
        ):
            session.execute(update(LinkRow).where(some).values(**values))
        session.execute(delete(LinkRow).where(col(LinkRow.id) % 7 == 0))
        if (row := session.get(LinkRow, dice.randrange(1, 40))) is not None:
            row.state, row.source_id = LinkState.GONE, None
        session.flush()

        assert said(session) == counted(session)


def test_articles_count_by_language_and_versions_and_captures_as_such(
    session: Session, keep: Keep, add_link: Add
) -> None:
    for n, language in enumerate(("id", "id", "ar", None)):
        keep(article(f"{n}", language=language), link_id=add_link(f"{n}"))

    assert said(session) == counted(session)
    assert languages(session) == ["id", "ar"]


def test_what_is_undone_is_not_counted(session: Session, add_link: Add) -> None:
    add_link("1")
    with session.begin_nested() as point:
        add_link("2")
        point.rollback()

    assert ledger_counts(session) == {None: {LinkState.WAITING: 1}}
