"""Articles archived through the writer, as a visit does, so that notes are written."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from storage.model.article import Article
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind
from storage.sql.articles import keep_version
from storage.sql.captures import mark_read
from storage.sql.ledger import add_links, settle
from storage.sql.tables import CaptureRow, LinkRow
from storage.writer import Tx, Writer
from tests.storage.kept import NOW, keeping
from tests.storage.material import article

HEADLINE = article("Flood", "The river rose.", "Nobody was hurt.")
LATER = article("Flood", "The river fell again today.", "Two bridges are closed.")


def do(writer: Writer, work: Callable[[Tx], Any]) -> Any:  # noqa: ANN401
    return writer.submit(work).result(timeout=20)


def enter(tx: Tx, name: str = "1") -> int:
    """Enter a link and the capture of its page; return the link."""
    url = f"https://news.example/{name}"
    link = NewLink(url=url, key=url, host="news.example", kind=LinkKind.ARTICLE)
    add_links(tx.session, [link], source=None, found_on=None, now=NOW)
    return int(tx.session.exec(select(LinkRow.id).where(LinkRow.key == url)).one() or 0)


def read(tx: Tx, link: int, capture: int, said: Article) -> None:
    mark_read(tx.session, capture, NOW, verdict=VerdictKind.ARTICLE, evidence=["prose"])
    keep_version(
        tx.session,
        link_id=link,
        source_id=None,
        key=f"key {link}",
        capture_id=capture,
        captured_at=NOW,
        article=said,
        extractor="1",
    )
    settled = Settlement(state=LinkState.ARCHIVED, reason="first", next_run=None)
    settle(tx.session, link, settled)


def archived(writer: Writer, said: Article = HEADLINE, number: int = 0) -> int:
    """Archive an article as a visit does: kept, then read; return its link."""
    link = do(writer, enter)

    def keep(tx: Tx) -> int:
        capture = keeping(number)(tx)
        tx.session.get_one(CaptureRow, capture).link_id = link
        return capture

    capture = do(writer, keep)
    do(writer, lambda tx: read(tx, link, capture, said))
    return int(link)
