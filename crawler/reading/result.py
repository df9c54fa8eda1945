"""What came of reading a capture."""

from dataclasses import dataclass

from crawler.decisions.outcome import (
    after_unreadable,
)
from crawler.means import Hold, Means
from crawler.redaction import redact
from storage.model.change import Change
from storage.model.extraction import Extraction
from storage.model.link import Link, Settlement
from storage.sql.captures import mark_read
from storage.sql.ledger import (
    settle,
)
from storage.writer import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a capture, for logs and for whoever asked for it.

    `target` is page 1 of the article that this was a later page of.
    """

    settlement: Settlement
    new_links: int = 0
    article_id: int | None = None
    change: Change | None = None
    extraction: Extraction | None = None
    target: str | None = None


async def unreadable(
    means: Means, link: Link, why: str, capture_id: int, hold: Hold
) -> Reading:
    now = means.now()
    settlement = after_unreadable(link, why, means.plan(link.source), now, means.draw())

    def keep(tx: Tx) -> None:
        hold(tx.session)
        mark_read(tx.session, capture_id, now, evidence=(redact(why),))
        settle(tx.session, link.id, settlement)

    await means.writer.run(keep)
    return Reading(settlement=settlement)
