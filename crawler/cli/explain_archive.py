"""What the archive knows of a URL: its line, its captures, how its page was read."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from crawler.cli.lookup import article_named, link_named, link_numbered
from crawler.cli.reading import reading
from crawler.cli.witness import HEAD, QUIET, Line, explained
from crawler.config import Config
from crawler.errors import UsageError
from crawler.explaining import Reread, explain_kept, reread_of
from crawler.extract.explanation import Explanation, explanation_document
from crawler.service import fetch_limits
from storage.model import LinkKind
from storage.sql.articles import version
from storage.sql.shown import withheld
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.sql.versions import evidence_of

_LINK = (
    *("id", "url", "kind", "state", "reason", "status", "robots_line", "source_id"),
    *("found_on", "found_at", "title", "published", "fetched_at", "next_run"),
    *("attempts", "failures", "validators_lied_at"),
)
_CAPTURES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of a URL.

    Attributes:
        link: Its line of the ledger.
        captures: Newest first.
        article: Its article with the standing version, or None.
        explanation: How the page was read; None where no page was captured.
    """

    link: Mapping[str, Any]
    captures: Sequence[Mapping[str, Any]]
    article: Mapping[str, Any] | None
    explanation: Explanation | None

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        told = self.explanation
        return {
            "link": self.link,
            "captures": self.captures,
            "article": self.article,
            "explanation": explanation_document(told) if told else None,
        }


def known_of(config: Config, reference: str) -> Known | None:
    """Return what the archive knows of a URL, an article's id or `link:N`.

    Returns:
        None of a URL that was never seen.

    Raises:
        UsageError: no article or line has this number.
        StorageError: the archive cannot be read.
    """
    with reading(config) as (reader, session):
        link, article = _find(session, reference)
        if link is None:
            if reference.isdigit() or reference.startswith("link:"):
                raise UsageError(f"{reference}: never seen{_hint(reference)}")
            return None
        standing = version(session, article.id or 0, None) if article else None
        facts = {**link.model_dump(), "found_on": _address(session, link.found_on)}
        captures = _captures(session, link)
        read = _article(article, standing) if article else None
        is_shown = link.withheld is None
        reread = _reread(session, config, link, standing) if is_shown else None
        explanation = None
        if reread is not None:
            limits = fetch_limits(config)
            explanation = asyncio.run(explain_kept(reader.folder, limits, reread))
    return Known(link=facts, captures=captures, article=read, explanation=explanation)


def _find(session: Session, reference: str) -> tuple[LinkRow | None, ArticleRow | None]:
    line = link_numbered(session, reference)
    named = line.url if line else reference
    article = article_named(session, named)
    link = link_named(session, named)
    if link is None and article is not None:
        link = session.get(LinkRow, article.link_id)
    if article is not None and withheld(session, article.link_id) is not None:
        return link, None  # its line of the ledger says why
    return link, article


def _hint(reference: str) -> str:
    if not reference.isdigit():
        return ""
    return f"; `link:{reference}` is line {reference} of `ledger`"


def _address(session: Session, link_id: int | None) -> str | None:
    found = session.get(LinkRow, link_id) if link_id is not None else None
    return found.url if found else None


def _captures(session: Session, link: LinkRow) -> list[dict[str, Any]]:
    captures = select(CaptureRow).where(CaptureRow.link_id == link.id)
    newest_first = captures.order_by(col(CaptureRow.id).desc()).limit(_CAPTURES)
    return [row.model_dump() for row in session.exec(newest_first)]


def _article(article: ArticleRow, standing: VersionRow | None) -> dict[str, Any]:
    return {
        **article.model_dump(),
        "version": standing.number if standing else None,
        "extractor": standing.extractor if standing else None,
        "document": standing.document if standing else None,
    }


def _reread(
    session: Session, config: Config, link: LinkRow, standing: VersionRow | None
) -> Reread | None:
    """Return what to read again: the standing version's capture, else the newest."""
    if link.kind != LinkKind.ARTICLE:
        return None
    if standing is not None:
        capture = evidence_of(session, standing)
    else:
        of_link = select(CaptureRow).where(CaptureRow.link_id == link.id)
        newest = of_link.order_by(col(CaptureRow.id).desc())
        capture = session.exec(newest).first()
        if capture is None:
            return None
    return reread_of(session, config, link.id or 0, capture, standing)


# ---- for people ------------------------------------------------------------------


def lines_of(known: Known) -> Iterator[Line]:
    """Yield the lines that tell a person of it."""
    yield (("Link:", HEAD),)
    for name in _LINK:
        if (value := known.link[name]) not in (None, "", 0.0):
            yield (f"  {name.replace('_', ' ')}: ", QUIET), (str(value), "")
    yield ((f"Captures: {len(known.captures)}", HEAD),)
    for capture in known.captures:
        yield from (((line, ""),) for line in _capture_lines(capture))
    article = known.article
    if article is None:
        yield (("Article: ", HEAD), ("none", ""))
    else:
        standing = f"{article['id']}, version {article['version']} stands"
        yield ("Article: ", HEAD), (standing, "")
        yield ("  ", ""), (str(article["title"]), "bold")
    if known.explanation is not None:
        yield from explained(known.explanation)


def _capture_lines(capture: Mapping[str, Any]) -> Iterator[str]:
    place = f"{capture['segment']} at {capture['offset']}+{capture['length']}"
    cut = f", cut short ({capture['truncated']})" if capture["truncated"] else ""
    at = f"{capture['fetched_at']:%Y-%m-%d %H:%M:%S}"
    said = f"HTTP {capture['status']}" if capture["status"] else "no HTTP"
    yield f"  {at} {said}{cut} from {capture['ip']}, {place}"
    if capture["verdict"]:
        yield f"    verdict: {capture['verdict']}"
    yield from (f"      {line}" for line in capture["evidence"] or ())
