"""One article to read: its text, its history, who said what, and the proof."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from crawler.kept.reader import Reader
from crawler.syndication import copies
from crawler.web.doors.replay import place_of_image
from crawler.web.given import GivenService, Id
from crawler.web.reads import article_or_404, version_or_404
from crawler.web.render import render
from storage.documents import read_document
from storage.errors import CorruptRecord
from storage.kept import Heads, heads
from storage.sql.moves import moved
from storage.sql.tables import CaptureRow
from storage.sql.versions import evidence_of, parts_of, versions_of

routes = APIRouter(include_in_schema=False)


@routes.get("/articles/{article_id}")
def get_article(
    service: GivenService,
    article_id: Id,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> HTMLResponse:
    """Show an article as its standing version has it, or as another one has it."""
    with service.session() as session:
        summary = article_or_404(session, article_id)
        row = version_or_404(session, article_id, version)
        article, capture = read_document(row.document), evidence_of(session, row)
        return render(
            "article.html",
            summary=summary,
            article=article,
            image=place_of_image(session, article.image, row.captured_at),
            shown=row,
            versions=versions_of(session, article_id),
            copies=copies(session, article_id),
            moved=moved(session, summary.link_id),
            capture=capture,
            heads=_heads(service, capture),
            parts=parts_of(session, row),
        )


def _heads(service: Reader, capture: CaptureRow | None) -> Heads | CorruptRecord | None:
    """Return the headers of a capture, or what is wrong with its record."""
    try:
        return heads(service.folder, capture) if capture else None
    except CorruptRecord as damage:
        return damage
