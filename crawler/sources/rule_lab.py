"""Try site rules on what is kept of a source: how each page reads before and after.

Nothing is kept of it, and nothing is asked of anybody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from crawler.config.limits import fetch_limits
from crawler.config.plan import Plan
from crawler.config.tree import RuleSets
from crawler.errors import ExtractFailed
from crawler.extract.children.examine import examine
from crawler.extract.children.pool import Extractor
from crawler.extract.readers.rules import RuleMatch
from crawler.extract.source import PageSource
from crawler.kept.captures import kept_exchange
from crawler.kept.explaining import Reread, reread_of
from crawler.kept.reader import Reader
from crawler.reading.page import page_source
from crawler.reextract.differences import differences
from crawler.sources.rule_coverage import Coverage
from storage.errors import CorruptRecord
from storage.model.article import Article
from storage.model.extraction import Extraction
from storage.sql.shown import is_shown
from storage.sql.tables import ArticleRow, CaptureRow, VersionRow
from storage.sql.versions import evidence_of
from storage.worddiff import DiffPart, word_diff

_NOTHING = Article(url="", title="", blocks=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A kept page to try rules on, and the article it is of."""

    article_id: int
    version: int
    capture: CaptureRow
    reread: Reread


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one page reads by the rules in force, and by others.

    Attributes:
        sample: The page.
        before: Read by the rules in force now, None where it cannot be read.
        after: Read by the others.
        changed: The fields that differ.
        text: What differs in the text.
        rules: What each of the other rules matched.
        why: Why it cannot be read; empty where it can.
    """

    sample: Sample
    before: Extraction | None = None
    after: Extraction | None = None
    changed: tuple[str, ...] = ()
    text: tuple[DiffPart, ...] = ()
    rules: tuple[RuleMatch, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Where pages are tried.

    Attributes:
        reader: The archive.
        pool: Reads pages by the rules in force.
        turns: Who may start a process that reads one by other rules.
    """

    reader: Reader
    pool: Extractor
    turns: asyncio.Semaphore

    async def try_all(
        self, samples: Sequence[Sample], rules: RuleSets
    ) -> tuple[list[Tried], Coverage]:
        """Return how pages read by other rules, and what those matched in all."""
        tried = await asyncio.gather(*(self._try(one, rules) for one in samples))
        coverage = Coverage()
        for one in tried:
            if one.after is not None:
                coverage.add(one.rules, one.after.article)
        return tried, coverage

    async def _try(self, sample: Sample, rules: RuleSets) -> Tried:
        try:
            page = await asyncio.to_thread(self._page, sample)
            before = await self.pool.extract(page)
            async with self.turns:
                anatomy = await examine(_ruled(page, sample.reread.plan, rules))
        except (CorruptRecord, ExtractFailed) as error:
            return Tried(sample=sample, why=str(error))
        after = anatomy.extraction
        old, new = before.article or _NOTHING, after.article or _NOTHING
        return Tried(
            sample=sample,
            before=before,
            after=after,
            changed=differences(old, new),
            text=word_diff(old.text, new.text),
            rules=anatomy.rules,
        )

    def _page(self, sample: Sample) -> PageSource:
        limits = fetch_limits(self.reader.config)
        answer = kept_exchange(self.reader.folder, limits, sample.capture)
        reread = sample.reread
        return page_source(reread.link, answer, reread.plan, reread.known)


def samples_of_source(
    session: Session,
    reader: Reader,
    source: int,
    count: int,
    articles: Sequence[int] | None = None,
) -> list[Sample]:
    """Return the newest versions of a source's articles, as pages to try rules on.

    Args:
        session: For reading.
        reader: The archive.
        source: The source's id.
        count: So many at most.
        articles: Only those of these articles.
    """
    query = (
        select(VersionRow, ArticleRow)
        .join(ArticleRow, col(ArticleRow.id) == VersionRow.article_id)
        .where(ArticleRow.source_id == source, is_shown(col(ArticleRow.link_id)))
        .where(col(VersionRow.capture_id).is_not(None))
        .order_by(col(ArticleRow.id).desc(), col(VersionRow.number).desc())
        .limit(count)
    )
    if articles is not None:
        query = query.where(col(ArticleRow.id).in_(articles))
    found = []
    for version, article in session.exec(query).all():
        capture = evidence_of(session, version)
        if capture is not None:
            found.append(_sample(session, reader, version, article, capture))
    return found


def _sample(
    session: Session,
    reader: Reader,
    version: VersionRow,
    article: ArticleRow,
    capture: CaptureRow,
) -> Sample:
    number, article_id, link = version.number, int(article.id or 0), article.link_id
    reread = reread_of(session, reader.config, link, capture)
    return Sample(article_id=article_id, version=number, capture=capture, reread=reread)


def _ruled(page: PageSource, plan: Plan, rules: RuleSets) -> PageSource:
    ruled = plan.model_copy(update={"rules": rules})
    return replace(page, rules=ruled.rules_on(page.captured_at.date()))
