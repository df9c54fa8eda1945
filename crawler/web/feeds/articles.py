"""Feeds of new and changed articles: of all, of a source, of a search."""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Annotated, Literal, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from crawler.service.service import Service
from crawler.web.feeds.answer import DESCRIBED, answer_feed, path_of
from crawler.web.feeds.feed import Entry, Feed, FeedForm, stated, urn
from crawler.web.format import lang, web_link
from crawler.web.given import GivenService, Limit
from crawler.web.reads import known_source_or_404
from crawler.web.render import fill
from storage.documents import read_document
from storage.model.article import Article
from storage.model.change import Change
from storage.sql.changed import (
    Changed,
    changed_articles,
    changed_matching,
    changed_of_source,
)

routes = APIRouter(prefix="/feeds", tags=["feeds"])

_LONGEST_SUMMARY = 500
_MOST_TAGS = 20

#: How the version that an article stands at may differ from the one before.
_Edit = Literal["headline", "correction", "rewrite", "restored", "moved", "any"]
_EDITS = frozenset(Change(name) for name in get_args(_Edit) if name != "any")


class Wanted(BaseModel):
    """What a feed is to hold.

    Of articles that are new or changed, `change` wants only those whose last change is
    one of these, `any` all that changed; with `full` entries hold the whole text.
    """

    full: bool = False
    change: tuple[_Edit, ...] = Field(default=(), max_length=10)
    limit: Limit = 50

    @property
    def only(self) -> frozenset[Change]:
        """The changes that are wanted alone; none where new articles are, too."""
        return _EDITS if "any" in self.change else frozenset(map(Change, self.change))


class Asked(Wanted):
    """What a feed of a search is to hold."""

    q: Annotated[str, Field(max_length=2000)]


@routes.get("/all.{form}", response_class=Response, responses=DESCRIBED)
def get_all_feed(
    request: Request,
    service: GivenService,
    form: FeedForm,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """Return the articles that are new or changed last, as a feed."""
    with service.session() as session:
        found = changed_articles(session, wanted.limit, wanted.only)
    feed = _feed(request, service, found, ("all",), wanted)
    title = "Changed articles" if wanted.change else "New and changed articles"
    return answer_feed(request, replace(feed, title=title, page="/"), form)


@routes.get("/source/{name}.{form}", response_class=Response, responses=DESCRIBED)
def get_source_feed(
    request: Request,
    service: GivenService,
    name: str,
    form: FeedForm,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """Return the articles of a source that are new or changed last, as a feed."""
    with service.session() as session:
        row = known_source_or_404(session, name)
        found = changed_of_source(session, int(row.id or 0), wanted.limit, wanted.only)
    feed = _feed(request, service, found, ("source", name), wanted)
    page = _search_page(f'source:"{name}"')
    return answer_feed(request, replace(feed, title=name, page=page), form)


@routes.get("/search.{form}", response_class=Response, responses=DESCRIBED)
def get_search_feed(
    request: Request,
    service: GivenService,
    form: FeedForm,
    wanted: Annotated[Asked, Query()],
) -> Response:
    """Return the articles a query finds that are new or changed last, as a feed."""
    query = wanted.q
    with service.session() as session:
        found = changed_matching(session, query, wanted.limit, wanted.only)
    feed = _feed(request, service, found, ("search", query), wanted)
    page = _search_page(query)
    return answer_feed(request, replace(feed, title=query, page=page), form)


def _search_page(query: str) -> str:
    return f"/search?{urlencode({'q': query, 'order': 'newest'})}"


def _feed(
    request: Request,
    service: Service,
    found: Sequence[Changed],
    names: Sequence[str],
    wanted: Wanted,
) -> Feed:
    base = str(request.base_url).rstrip("/")
    who = service.config.identity
    return Feed(
        id=urn("feed", who.name, who.contact, *names, *wanted.change),
        title="",
        path=path_of(request),
        page="/",
        base=base,
        entries=tuple(_entry(one, base, full=wanted.full) for one in found),
    )


def _entry(changed: Changed, base: str, *, full: bool) -> Entry:
    summary, article = changed.article, read_document(changed.document)
    page = f"{base}/articles/{summary.id}"
    is_new = changed.change is Change.FIRST
    change = None if is_new else str(changed.change)
    return Entry(
        id=urn("article", changed.link_key),
        title=summary.title,
        url=web_link(summary.url) or page,
        page=page,
        published=summary.published_at or summary.first_seen,
        updated=changed.at,
        summary=_summary(article),
        html=fill("feed_content.html", article=article) if full else None,
        authors=summary.authors,
        tags=article.tags[:_MOST_TAGS],
        language=lang(summary.language),
        change=change,
        more={
            "id": summary.id,
            "source": summary.source,
            "version": changed.number,
            "captured_at": stated(changed.at),
        },
    )


def _summary(article: Article) -> str:
    """Return what an article says of itself, or how it begins."""
    text = " ".join((article.description or article.text).split())
    # What is beyond changes nothing but the time that cutting takes.
    return shorten(text[: 2 * _LONGEST_SUMMARY], _LONGEST_SUMMARY, placeholder=" …")
