"""Enter what becomes of articles as events, in the transaction in which it does.

So each is told once, whoever is killed in between. Imports, rebuilding and readings
that replace older ones tell nothing: the story is no news then.
"""

from datetime import UTC, datetime

from sqlmodel import Session

from crawler.means import Means
from storage.model.change import Change
from storage.model.link import Link
from storage.sql.articles import Kept, article_of_link
from storage.sql.events import add_event
from storage.sql.shown import withheld
from storage.sql.tables import ArticleRow, SourceRow

NEW, CHANGED = "article.new", "article.changed"
GONE, BACK = "article.gone", "article.back"


def announce_kept(
    means: Means, session: Session, link: Link, kept: Kept, at: datetime
) -> None:
    """Enter what keeping an article came to, if that is to be told.

    Args:
        means: The archive.
        session: The transaction that kept it.
        link: Whose article it is.
        kept: What became of it.
        at: When it was received.
    """
    if not kept.owner:
        return
    kinds = [BACK] if kept.is_back else []
    if kept.is_new:
        kinds.append(NEW if kept.number == 1 else CHANGED)
    for kind in kinds:
        _announce(
            means,
            session,
            link,
            kind,
            article=kept.article_id,
            number=kept.number,
            change=kept.change if kept.is_new else Change.SAME,
            at=at,
        )


def announce_gone(means: Means, session: Session, link: Link, at: datetime) -> None:
    """Enter that an article's page is gone."""
    _announce_standing(means, session, link, GONE, Change.GONE, at)


def announce_back(means: Means, session: Session, link: Link, at: datetime) -> None:
    """Enter that an article's page is there again, as it was."""
    _announce_standing(means, session, link, BACK, Change.SAME, at)


def _announce_standing(
    means: Means, session: Session, link: Link, kind: str, change: Change, at: datetime
) -> None:
    article = article_of_link(session, link.id)
    if article is not None:
        number = session.get_one(ArticleRow, article).versions
        _announce(
            means,
            session,
            link,
            kind,
            article=article,
            number=number,
            change=change,
            at=at,
        )


def _announce(  # noqa: PLR0913  # what an event says
    means: Means,
    session: Session,
    link: Link,
    kind: str,
    *,
    article: int,
    number: int,
    change: Change,
    at: datetime,
) -> None:
    if withheld(session, link.id) is not None:
        return
    row = session.get_one(ArticleRow, article)
    said = {
        "id": article,
        "source": _name_of(means, session, link.source),
        "url": row.url,
        "title": row.title,
        "published": _stated(row.published_at),
        "language": row.language,
        "version": number,
        "change": str(change),
        "captured_at": _stated(at),
    }
    send_at = means.send_at(kind)
    add_event(session, kind, said, means.now(), send_at=send_at, link_id=link.id)


def _name_of(means: Means, session: Session, source: int | None) -> str | None:
    """Return a source's name; one that is not watched is looked up."""
    watch = means.watch(source)
    if watch is not None:
        return watch.source.name
    row = session.get(SourceRow, source) if source is not None else None
    return row.name if row is not None else None


def _stated(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
