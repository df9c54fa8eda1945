"""What changed from one version of an article to the next, word by word."""

from itertools import pairwise

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from crawler.web.given import GivenService, Id
from crawler.web.reads import article_or_404
from crawler.web.render import render
from storage.changes import word_diff
from storage.sql.tables import VersionRow
from storage.sql.versions import versions_of

routes = APIRouter(include_in_schema=False)


@routes.get("/articles/{article_id}/diff/{number}")
def get_diff(service: GivenService, article_id: Id, number: Id) -> HTMLResponse:
    """Show a version against the one captured before it."""
    with service.session() as session:
        article = article_or_404(session, article_id)
        old, new = _neighbours(versions_of(session, article_id), number)
        return render(
            "diff.html",
            article=article,
            old=old,
            new=new,
            title=word_diff(old.title, new.title),
            text=word_diff(old.text, new.text),
        )


def _neighbours(
    versions: list[VersionRow], number: int
) -> tuple[VersionRow, VersionRow]:
    """Return the version before a numbered one, in time, and that version."""
    for old, new in pairwise(versions):
        if new.number == number:
            return old, new
    raise HTTPException(404, f"No version stands before version {number}.")
