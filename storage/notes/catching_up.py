"""Notes of what was kept before notes were written: a few articles at a time."""

from sqlmodel import col, or_, select

from storage.commit import Tx
from storage.notes.watching import touched
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    FormerVersionRow,
    LinkRow,
    ReextractionRow,
    VersionRow,
)


def note_runs(tx: Tx) -> None:
    """Have all re-extractions noted: what was before them refers to them."""
    touched(tx.session).runs.update(tx.session.exec(select(ReextractionRow.name)))


def note_article(tx: Tx, article_id: int) -> None:
    """Have an article noted as it stands, with its link, captures and versions."""
    article = tx.session.get(ArticleRow, article_id)
    if article is None:
        return
    known = touched(tx.session)
    known.articles.add(article_id)
    known.links.add(article.link_id)
    left = select(LinkRow.id).where(LinkRow.alias_of == article.link_id)
    captures = select(CaptureRow.id).where(
        or_(CaptureRow.link_id == article.link_id, col(CaptureRow.link_id).in_(left))
    )
    known.captures.update(key for key in tx.session.exec(captures) if key is not None)
    of_article = select(VersionRow.id).where(VersionRow.article_id == article_id)
    versions = [key for key in tx.session.exec(of_article) if key is not None]
    known.versions.update(versions)


def note_formers(tx: Tx, article_id: int) -> None:
    """Have what an article's versions were before runs noted, once they are."""
    formers = (
        select(FormerVersionRow.run, FormerVersionRow.version_id)
        .join(VersionRow, col(VersionRow.id) == FormerVersionRow.version_id)
        .where(VersionRow.article_id == article_id)
    )
    known = touched(tx.session).formers
    known.update((run, key) for run, key in tx.session.exec(formers))
