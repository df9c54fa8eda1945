"""Explain a version of an archived article; a few at a time, each in a child."""

import asyncio
from dataclasses import dataclass

from crawler.config.limits import fetch_limits
from crawler.extract.explanation import Explanation
from crawler.kept.explaining import Reread, explain_kept, reread_of
from crawler.kept.reader import Reader
from crawler.web.reads import article_or_404, version_or_404
from storage.sql.summaries import ArticleSummary
from storage.sql.tables import ArticleRow, VersionRow
from storage.sql.versions import evidence_of

#: Each explanation starts a process; more than these wait for their turn.
AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A version of an article, and why it is what it is."""

    summary: ArticleSummary
    version: VersionRow
    told: Explanation


async def explain_version(
    service: Reader, turns: asyncio.Semaphore, article_id: int, number: int | None
) -> Explained:
    """Explain a version, the standing one for None; answer 404 when there is none.

    Args:
        service: The archive.
        turns: Who may start a process.
        article_id: The article.
        number: The version's number.
    """
    summary, row, reread = await asyncio.to_thread(_read, service, article_id, number)
    async with turns:
        told = await explain_kept(service.folder, fetch_limits(service.config), reread)
    return Explained(summary=summary, version=row, told=told)


def _read(
    service: Reader, article_id: int, number: int | None
) -> tuple[ArticleSummary, VersionRow, Reread]:
    with service.session() as session:
        summary = article_or_404(session, article_id)
        row = version_or_404(session, article_id, number)
        link_id = session.get_one(ArticleRow, article_id).link_id
        capture = evidence_of(session, row)
        reread = reread_of(session, service.config, link_id, capture, row)
        return summary, row, reread
