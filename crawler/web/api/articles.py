"""Articles and their versions."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from crawler.extract.explanation import Explanation
from crawler.syndication import Copy, copies
from crawler.web.explaining import explain_version
from crawler.web.given import (
    OR_EMPTY,
    Before,
    Choice,
    Cursor,
    GivenService,
    GivenTurns,
    Id,
    Limit,
    Moment,
    Number,
)
from crawler.web.reads import article_or_404, known_source_or_404, version_or_404
from storage.changes import DiffPart, word_diff
from storage.errors import BadQuery
from storage.model.change import Change
from storage.search.cursors import Place, read_cursor, write_cursor
from storage.search.query import refuse_no_time
from storage.sql.dated import place_of
from storage.sql.listing import Choice as Chosen
from storage.sql.listing import choose_articles, choose_dated
from storage.sql.moves import Moved, moved
from storage.sql.summaries import ArticleSummary
from storage.sql.tables import CaptureRow, VersionRow
from storage.sql.versions import evidence_of, parts_of, versions_of

routes = APIRouter(prefix="/v1/articles", tags=["articles"])

_ARCHIVED, _PUBLISHED = "listed", "published"  # names of orders, in cursors


class ArticlePage(BaseModel):
    """Articles in their order; `cursor` asks for the page after, None on the last.

    `next_before` is the last id, for those who page by it: null in the order of dates.
    """

    articles: list[ArticleSummary]
    cursor: str | None
    next_before: int | None


class Asked(BaseModel):
    """Which articles are asked for."""

    source: Choice = None
    language: Choice = None
    state: Annotated[Literal["present", "gone"] | None, OR_EMPTY] = None
    since: Annotated[Moment, Field(alias="from")] = None
    until: Annotated[Moment, Field(alias="to")] = None
    changed_since: Moment = None
    order: Literal["archived", "published"] = "archived"
    cursor: Cursor = None
    before: Before = None
    limit: Limit = 50

    def chosen(self) -> Chosen:
        """Return the choice.

        Raises:
            BadQuery: no time lies between `from` and `to`, or the order of dates is to be
                paged by ids.
        """
        if self.order == "published" and self.before is not None:
            raise BadQuery("`before` is an id: with order=published give `cursor`")
        refuse_no_time(self.since, self.until)
        names = ("source", "language", "state", "since", "until", "changed_since")
        return Chosen(**{name: getattr(self, name) for name in names})


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
    """A version in a list; `url` is where the article stood then."""

    number: int
    url: str
    captured_at: datetime
    change: Change
    title: str
    extractor: str
    story_sha256: str


class WholeVersion(VersionEntry):
    """A version with its text, the whole article as extracted, and its evidence.

    `parts` are the captures of the further pages of a multi-page article. `moved` names
    the articles whose address leads here by now, and the one that this one's leads to:
    they have the earlier and the later versions.
    """

    article: ArticleSummary
    moved: Moved
    text: str
    document: dict[str, Any]
    evidence: Evidence | None
    parts: list[Evidence]


class VersionList(BaseModel):
    """All versions of an article, in the order of their captures."""

    versions: list[VersionEntry]


class VersionDifference(BaseModel):
    """What changed from version `a` to version `b`, in parts, in the text's order."""

    a: VersionEntry
    b: VersionEntry
    title: list[DiffPart]
    text: list[DiffPart]


class CopyList(BaseModel):
    """The articles of a cluster, itself included; none for an article without copies."""

    copies: list[Copy]


@routes.get("")
def get_articles(
    service: GivenService, asked: Annotated[Asked, Query()]
) -> ArticlePage:
    """List articles, the last archived first, or with `order=published` by their dates.

    An article's date is the stated one, or when it was first seen where none is stated.
    `from` and `to` are about that, `changed_since` about when a version was captured, or the page was missed.
    A `language` includes its regional ones.
    """
    chosen = asked.chosen()
    list_page = _by_date if asked.order == "published" else _as_archived
    with service.session() as session:
        if chosen.source is not None:
            known_source_or_404(session, chosen.source)
        return list_page(session, asked, chosen)


def _as_archived(session: Session, asked: Asked, chosen: Chosen) -> ArticlePage:
    before = asked.before
    if asked.cursor:
        before = read_cursor(asked.cursor, repr(chosen), _ARCHIVED).id
    found = choose_articles(session, chosen, before_id=before, limit=asked.limit + 1)
    page = found[: asked.limit]
    if len(found) == len(page):
        return ArticlePage(articles=page, cursor=None, next_before=None)
    last = page[-1].id
    cursor = write_cursor(Place(last, last, 0), repr(chosen), _ARCHIVED)
    return ArticlePage(articles=page, cursor=cursor, next_before=last)


def _by_date(session: Session, asked: Asked, chosen: Chosen) -> ArticlePage:
    behind = None
    if asked.cursor:
        behind = read_cursor(asked.cursor, repr(chosen), _PUBLISHED)
    found = choose_dated(session, chosen, behind=behind, limit=asked.limit + 1)
    page, cursor = found[: asked.limit], None
    if len(found) > len(page):
        cursor = write_cursor(place_of(page[-1]), repr(chosen), _PUBLISHED)
    return ArticlePage(articles=page, cursor=cursor, next_before=None)


@routes.get("/{article_id}")
def get_article(service: GivenService, article_id: Id) -> WholeVersion:
    """Return an article as its standing version has it."""
    with service.session() as session:
        return whole_version(session, article_id, None)


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
        return whole_version(session, article_id, number)


@routes.get("/{article_id}/diff")
def get_difference(
    service: GivenService, article_id: Id, a: Number = None, b: Number = None
) -> VersionDifference:
    """Tell what changed between two versions, word by word.

    Without `b` it is the standing version; without `a` the one captured before `b`.
    Equal and inserted parts together are the text of `b`, equal and deleted ones that
    of `a`.
    """
    with service.session() as session:
        article_or_404(session, article_id)
        new = version_or_404(session, article_id, b)
        old = version_or_404(session, article_id, a) if a else _before(session, new)
        return VersionDifference(
            a=VersionEntry(**_entry(old)),
            b=VersionEntry(**_entry(new)),
            title=list(word_diff(old.title, new.title)),
            text=list(word_diff(old.text, new.text)),
        )


@routes.get("/{article_id}/explain")
async def get_explanation(
    service: GivenService,
    turns: GivenTurns,
    article_id: Id,
    version: Number = None,
) -> Explanation:
    """Tell why an article is what it is; its kept page is read again for its blocks."""
    return (await explain_version(service, turns, article_id, version)).told


def _before(session: Session, row: VersionRow) -> VersionRow:
    for old, new in pairwise(versions_of(session, row.article_id)):
        if new.id == row.id:
            return old
    raise HTTPException(404, f"No version stands before version {row.number}.")


def whole_version(
    session: Session, article_id: int, number: int | None
) -> WholeVersion:
    """Return a version, the standing one for None; answer 404 when there is none."""
    article = article_or_404(session, article_id)
    row = version_or_404(session, article_id, number)
    return WholeVersion(
        **_entry(row),
        article=article,
        moved=moved(session, article.link_id),
        text=row.text,
        document=row.document,
        evidence=_evidence(session, row),
        parts=[_capture(part) for part in parts_of(session, row)],
    )


def _entry(row: VersionRow) -> dict[str, Any]:
    of_row = VersionEntry.model_fields.keys() - {"url"}
    told = {name: getattr(row, name) for name in of_row}
    return told | {"url": row.document["url"]}


def _evidence(session: Session, row: VersionRow) -> Evidence | None:
    capture = evidence_of(session, row)
    if capture is None:
        return None
    return _capture(capture)


def _capture(capture: CaptureRow) -> Evidence:
    return Evidence.model_validate(capture.model_dump() | {"capture_id": capture.id})
