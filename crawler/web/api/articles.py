"""Articles and their versions."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlmodel import Session

from crawler.extract.explanation import Explanation
from crawler.syndication import Copy, copies
from crawler.web.explaining import explain_version
from crawler.web.given import Before, Choice, GivenService, GivenTurns, Id, Limit
from crawler.web.reads import article_or_404, version_or_404
from storage.model import Change
from storage.sql.articles import list_articles
from storage.sql.summaries import ArticleSummary
from storage.sql.tables import CaptureRow, VersionRow
from storage.sql.versions import evidence_of, parts_of, versions_of

routes = APIRouter(prefix="/v1/articles", tags=["articles"])


class ArticlePage(BaseModel):
    """Articles, newest first; `next_before` asks for the page after."""

    articles: list[ArticleSummary]
    next_before: int | None


class Evidence(BaseModel):
    """The capture a version was read from, and where its bytes are."""

    capture_id: int
    url: str
    fetched_at: datetime
    status: int
    ip: str | None
    segment: str
    offset: int
    length: int
    record_sha256: str
    payload_sha256: str


class VersionEntry(BaseModel):
    """A version in a list."""

    number: int
    captured_at: datetime
    change: Change
    title: str
    extractor: str
    story_sha256: str


class WholeVersion(VersionEntry):
    """A version with its text, the whole article as extracted, and its evidence.

    `parts` are the captures of the further pages of a multi-page article.
    """

    article: ArticleSummary
    text: str
    document: dict[str, Any]
    evidence: Evidence | None
    parts: list[Evidence]


class VersionList(BaseModel):
    """All versions of an article, in the order of their captures."""

    versions: list[VersionEntry]


class CopyList(BaseModel):
    """The articles of a cluster, itself included; none for an article without copies."""

    copies: list[Copy]


@routes.get("")
def get_articles(
    service: GivenService,
    source: Choice = None,
    language: Choice = None,
    before: Before = None,
    limit: Limit = 50,
) -> ArticlePage:
    """List articles, newest first."""
    with service.session() as session:
        found = list_articles(
            session,
            source=source,
            language=language,
            before_id=before,
            limit=limit,
        )
    more = found[-1].id if len(found) == limit else None
    return ArticlePage(articles=found, next_before=more)


@routes.get("/{article_id}")
def get_article(service: GivenService, article_id: Id) -> WholeVersion:
    """Return an article as its standing version has it."""
    with service.session() as session:
        return _whole(session, article_id, None)


@routes.get("/{article_id}/versions")
def get_versions(service: GivenService, article_id: Id) -> VersionList:
    """List an article's versions."""
    with service.session() as session:
        article_or_404(session, article_id)
        rows = versions_of(session, article_id)
        return VersionList(versions=[VersionEntry(**_entry(row)) for row in rows])


@routes.get("/{article_id}/copies")
def get_copies(service: GivenService, article_id: Id) -> CopyList:
    """List all articles with nearly the same text, the first seen first."""
    with service.session() as session:
        article_or_404(session, article_id)
        return CopyList(copies=copies(session, article_id))


@routes.get("/{article_id}/versions/{number}")
def get_version(service: GivenService, article_id: Id, number: Id) -> WholeVersion:
    """Return one version of an article."""
    with service.session() as session:
        return _whole(session, article_id, number)


@routes.get("/{article_id}/explain")
async def get_explanation(
    service: GivenService,
    turns: GivenTurns,
    article_id: Id,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> Explanation:
    """Tell why an article is what it is; its kept page is read again for its blocks."""
    return (await explain_version(service, turns, article_id, version)).told


def _whole(session: Session, article_id: int, number: int | None) -> WholeVersion:
    article = article_or_404(session, article_id)
    row = version_or_404(session, article_id, number)
    return WholeVersion(
        **_entry(row),
        article=article,
        text=row.text,
        document=row.document,
        evidence=_evidence(session, row),
        parts=[_capture(part) for part in parts_of(session, row)],
    )


def _entry(row: VersionRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VersionEntry.model_fields}


def _evidence(session: Session, row: VersionRow) -> Evidence | None:
    capture = evidence_of(session, row)
    if capture is None:
        return None
    return _capture(capture)


def _capture(capture: CaptureRow) -> Evidence:
    return Evidence.model_validate(capture.model_dump() | {"capture_id": capture.id})
