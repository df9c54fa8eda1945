"""Take a page as a browser shows it, where that loses no article."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from crawler.decisions.outcome import (
    is_article,
)
from crawler.means import Hold, Means
from crawler.reading.parts import Extract
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.sql.captures import mark_read
from storage.writer import Tx

#: Evidence of a verdict on a page that a browser rendered.
RENDERED = "rendered by a browser"


#: Returns a page as a browser shows it, and where that is kept; None if it cannot.
Render = Callable[[Exchange, int], Awaitable[tuple[Exchange, int] | None]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read: as it came, or as a browser shows it."""

    answer: Exchange
    capture_id: int
    extraction: Extraction
    is_rendered: bool = False


async def rendered(
    means: Means, page: Page, hold: Hold, extract: Extract, render: Render
) -> Page:
    """Return a page as a browser shows it, where that loses no article.

    The one that is passed over is kept and counts as read.
    """
    seen = await render(page.answer, page.capture_id)
    if seen is None:
        return page
    answer, capture_id = seen
    extraction = await extract(answer)
    verdict = extraction.verdict
    verdict = replace(verdict, evidence=(RENDERED, *verdict.evidence))
    extraction = replace(extraction, verdict=verdict)
    shown = Page(answer, capture_id, extraction, is_rendered=True)
    loses = is_article(page.extraction.verdict) and not is_article(verdict)
    taken, passed = (page, shown) if loses else (shown, page)

    def mark(tx: Tx) -> None:
        hold(tx.session)
        said = passed.extraction.verdict
        mark_read(
            tx.session,
            passed.capture_id,
            means.now(),
            verdict=said.kind,
            evidence=said.evidence,
        )

    await means.writer.run(mark)
    return taken
