"""What rows say of links that are erased: find it, and take it away.

The lines of the ledger stay, as hashes: every URL ever seen is accounted for. So do
the articles' ids, or the next article would get one that exports have already named.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from storage.model.link_state import LinkState
from storage.model.record import RecordKind
from storage.sql.bars import ERASED, erased_key
from storage.sql.copies import forget_copies
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    EventRow,
    FormerVersionRow,
    HostRow,
    LinkRow,
    PartRow,
    RecordRow,
    SearchRow,
    TemplateBlockRow,
    TemplatePageRow,
    TemplateRow,
    VersionRow,
)

_AT_ONCE = 500
#: A shorter sample says nothing that is an article's own.
_TELLING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What links are known to have said, to look for it elsewhere.

    Attributes:
        articles: Ids of their articles.
        versions: Ids of all versions.
        captures: Their captures, renderings and what their scripts asked for too.
        urls: Addresses under which they were seen.
        texts: Titles, summaries and texts of all versions, former ones too.
    """

    articles: tuple[int, ...]
    versions: tuple[int, ...]
    captures: tuple[CaptureRow, ...]
    urls: tuple[str, ...]
    texts: tuple[str, ...]


def said_by(session: Session, links: Sequence[int]) -> Said:
    """Return what is known of links."""
    rows = list(session.exec(select(LinkRow).where(col(LinkRow.id).in_(links))))
    of_links = col(ArticleRow.link_id).in_(links)
    articles = list(session.exec(select(ArticleRow).where(of_links)))
    ids = [one.id or 0 for one in articles]
    of_articles = col(VersionRow.article_id).in_(ids)
    versions = list(session.exec(select(VersionRow).where(of_articles)))
    version_ids = [one.id or 0 for one in versions]
    of_versions = col(FormerVersionRow.version_id).in_(version_ids)
    former = list(session.exec(select(FormerVersionRow).where(of_versions)))
    captures = list(_captures(session, links))
    documents = [one.document for one in versions] + [one.document for one in former]
    urls = {row.url for row in rows} | {row.url for row in articles}
    urls |= {row.url for row in captures if row.page_link_id is None}
    urls |= {str(document.get("url") or "") for document in documents}
    texts = {row.title or "" for row in rows}
    texts |= {str((row.blurb or {}).get("summary") or "") for row in rows}
    texts |= {text for one in versions for text in (one.title, one.text)}
    texts |= {text for one in former for text in (one.title, one.text)}
    return Said(
        articles=tuple(ids),
        versions=tuple(version_ids),
        captures=tuple(captures),
        urls=tuple(sorted(urls - {""})),
        texts=tuple(sorted(texts - {""})),
    )


def _captures(session: Session, links: Sequence[int]) -> Iterator[CaptureRow]:
    of_links = col(CaptureRow.link_id).in_(links)
    own = select(CaptureRow.id).where(of_links)
    rendered = col(CaptureRow.rendered_from).in_(own)
    asked_for = col(CaptureRow.page_link_id).in_(links)
    query = select(CaptureRow).where(or_(of_links, rendered, asked_for))
    yield from session.exec(query.order_by(col(CaptureRow.id)))


def forget(
    session: Session, links: Sequence[int], said: Said, name: str
) -> dict[str, int]:
    """Take away what rows say of links; return how many rows went, by table.

    Their records are tombstones by now: whatever refers to a capture goes with it, or
    lets go of it.
    """
    captures = [row.id or 0 for row in said.captures]
    _let_go(session, captures)
    for article in said.articles:
        forget_copies(session, article)
    went = {
        "record": _forget_records(session, links, captures),
        "former_version": _delete(
            session, FormerVersionRow, col(FormerVersionRow.version_id), said.versions
        ),
        "version_part": _delete(
            session, PartRow, col(PartRow.version_id), said.versions
        )
        + _delete(session, PartRow, col(PartRow.capture_id), captures),
        "version": _delete(session, VersionRow, col(VersionRow.id), said.versions),
        "search_text": _delete(
            session, SearchRow, col(SearchRow.article_id), said.articles
        ),
        "host_page": _delete(
            session, TemplatePageRow, col(TemplatePageRow.link_id), links
        )
        + _delete(session, TemplatePageRow, col(TemplatePageRow.capture_id), captures),
        "host_block": _blank_samples(session, links, said.texts),
    }
    went["capture"] = _delete(session, CaptureRow, col(CaptureRow.id), captures)
    went["article"] = _blank_articles(session, said.articles)
    went["link"] = _blank_links(session, links, name)
    went["reason"] = _blank_reasons(session, links, said.urls)
    went["event"] = _blank_events(session, links)
    session.flush()
    return went


def _forget_records(
    session: Session, links: Sequence[int], captures: Sequence[int]
) -> int:
    """Take away what stands beside captures; notes of other links let go of them."""
    went = _delete(session, RecordRow, col(RecordRow.link_id), links)
    for part in _parts(captures):
        of_these = col(RecordRow.capture_id).in_(part)
        is_note = col(RecordRow.kind) == RecordKind.NOTE
        session.exec(update(RecordRow).where(of_these, is_note).values(capture_id=None))
        went += session.exec(delete(RecordRow).where(of_these)).rowcount
    return went


def _let_go(session: Session, captures: Sequence[int]) -> None:
    """Undo references among the captures, and of what stays and cannot be read."""
    for part in _parts(captures):
        of_these = col(CaptureRow.id).in_(part)
        session.exec(
            update(CaptureRow)
            .where(of_these)
            .values(revisit_of=None, rendered_from=None)
        )
        for leaning in (CaptureRow.revisit_of, CaptureRow.rendered_from):
            let_go = update(CaptureRow).where(col(leaning).in_(part))
            session.exec(let_go.values({leaning: None}))
        session.exec(
            update(VersionRow)
            .where(col(VersionRow.capture_id).in_(part))
            .values(capture_id=None)
        )


def _delete(
    session: Session,
    table: Any,  # noqa: ANN401  # a mapped class
    column: Any,  # noqa: ANN401  # of that class
    ids: Sequence[int],
) -> int:
    return sum(
        session.exec(delete(table).where(column.in_(part))).rowcount
        for part in _parts(ids)
    )


def _blank_articles(session: Session, articles: Sequence[int]) -> int:
    for part in _parts(articles):
        for row in session.exec(select(ArticleRow).where(col(ArticleRow.id).in_(part))):
            row.key = erased_key(row.key)
            row.url, row.title, row.authors = "", "", []
            row.site = row.language = row.published_at = row.gone_at = None
            row.versions, row.state = 0, ERASED
    return len(articles)


def _blank_links(session: Session, links: Sequence[int], name: str) -> int:
    rows = session.exec(select(LinkRow).where(col(LinkRow.id).in_(links)))
    for row in rows:
        row.key = erased_key(row.key)
        row.url, row.state, row.reason = row.key, LinkState.ERASED, f"takedown {name}"
        row.title = row.blurb = row.guid = row.published = row.robots_line = None
        row.etag = row.last_modified = row.rhythm = row.haste = row.next_run = None
    return len(links)


def _blank_events(session: Session, links: Sequence[int]) -> int:
    """Leave of events that there were some, so that no later one gets their numbers."""
    blanked = 0
    for part in _parts(links):
        of_these = update(EventRow).where(col(EventRow.link_id).in_(part))
        blank = of_these.values(data={}, next_try=None, why="")
        blanked += session.exec(blank).rowcount
    return blanked


def _blank_reasons(session: Session, links: Sequence[int], urls: Sequence[str]) -> int:
    """Take addresses out of what other lines of their sources say of themselves."""
    sources = select(LinkRow.source_id).where(col(LinkRow.id).in_(links)).distinct()
    named = col(LinkRow.source_id).in_(list(session.exec(sources)))
    told = col(LinkRow.reason).contains("://")
    blanked = 0
    for row in session.exec(select(LinkRow).where(named, told)):
        if any(url in row.reason for url in urls):
            row.reason = row.reason.split("http", 1)[0] + "an erased address"
            blanked += 1
    return blanked


def _blank_samples(session: Session, links: Sequence[int], texts: Sequence[str]) -> int:
    """Take samples of blocks, and of a host's page for nowhere, that are an article's."""
    if not links:
        return 0
    hosts = list(
        session.exec(select(LinkRow.host).where(col(LinkRow.id).in_(links)).distinct())
    )
    whole = "\n".join(" ".join(text.split()) for text in texts)
    blanked = 0
    for host in session.exec(select(HostRow).where(col(HostRow.key).in_(hosts))):
        if _tells(host.probe_text or "", texts):
            host.probe_text = None
            blanked += 1
    sites = or_(*(col(TemplateRow.site).startswith(host) for host in hosts))
    sampled = (
        select(TemplateBlockRow)
        .join(TemplateRow, col(TemplateRow.id) == col(TemplateBlockRow.template_id))
        .where(sites, TemplateBlockRow.sample != "")
    )
    for block in session.exec(sampled):
        sample = " ".join(block.sample.split())
        if len(sample) >= _TELLING and sample in whole:
            block.sample = ""
            blanked += 1
    return blanked


def _tells(page: str, texts: Sequence[str]) -> bool:
    lines = (line.strip() for text in texts for line in text.splitlines())
    return any(len(line) >= _TELLING and line in page for line in lines)


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
