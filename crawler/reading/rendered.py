"""Take a page as a browser shows it, where that loses no article."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from crawler.decisions.outcome import is_article
from crawler.errors import ExtractFailed, RenderFailed
from crawler.extract.verdict import SCRIPTED
from crawler.means import Hold, Means
from crawler.reading.parts import Extract
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.verdict import VerdictKind
from storage.sql.captures import mark_read
from storage.writer import Tx

#: Evidence of a verdict on a page that a browser rendered.
RENDERED = "rendered by a browser"
#: Evidence of one that a browser should have shown; why not stands behind it.
NOT_RENDERED = "not rendered"

#: Returns a page as a browser shows it, and where that is kept; raises RenderFailed.
Render = Callable[[Exchange, int], Awaitable[tuple[Exchange, int]]]


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

    The one that is passed over is kept and counts as read. One that no browser could
    show, or nobody read then, is what it was, and says so; but of little text it is no
    article: that may be the footer of a shell.
    """
    try:
        answer, capture_id = await render(page.answer, page.capture_id)
        extraction = _saying(RENDERED, await extract(answer))
    except (RenderFailed, ExtractFailed) as error:
        return replace(page, extraction=_unrendered(page.extraction, str(error)))
    shown = Page(answer, capture_id, extraction, is_rendered=True)
    loses = is_article(page.extraction.verdict) and not is_article(extraction.verdict)
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


def _unrendered(extraction: Extraction, why: str) -> Extraction:
    told = _saying(f"{NOT_RENDERED}: {why}", extraction)
    if SCRIPTED not in told.verdict.evidence:
        return told
    return replace(told, verdict=replace(told.verdict, kind=VerdictKind.ERROR))


def _saying(said: str, extraction: Extraction) -> Extraction:
    """Return a reading whose evidence begins with a word on the browser."""
    verdict = extraction.verdict
    verdict = replace(verdict, evidence=(said, *verdict.evidence))
    return replace(extraction, verdict=verdict)
