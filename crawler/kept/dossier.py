"""What the archive knows of a URL: its line, its captures, how its page was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from crawler.config.tree import Config
from crawler.kept.explaining import Reread, reread_of
from crawler.kept.lookup import article_named, link_named, link_numbered
from storage.model.link_kind import LinkKind
from storage.sql.shown import withheld
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.sql.versions import evidence_of, version

#: So many captures are told of, the newest.
_CAPTURES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known of a URL.

    Attributes:
        link: Its line of the ledger; `found_on` is a URL.
        captures: Newest first.
        article: Its article with the standing version, or None.
        reread: What it takes to explain how its page was read; None where no page was
            captured, or it is not shown.
        is_shown: Whether it was not taken down.
    """

    link: Mapping[str, Any]
    captures: Sequence[Mapping[str, Any]]
    article: Mapping[str, Any] | None
    reread: Reread | None
    is_shown: bool


def dossier_of(session: Session, config: Config, reference: str) -> Dossier | None:
    """Return what is known of a URL, an article's id or `link:N`; None if nothing is."""
    link, article = _find(session, reference)
    if link is None:
        return None
    standing = version(session, article.id or 0, None) if article else None
    is_own = article is not None and article.link_id == link.id
    is_shown = link.withheld is None
    return Dossier(
        link={**link.model_dump(), "found_on": _address(session, link.found_on)},
        captures=_captures(session, link),
        article=_article(article, standing) if article else None,
        reread=_reread(session, config, link, standing if is_own else None)
        if is_shown
        else None,
        is_shown=is_shown,
    )


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
