"""Sample pages of a source, and how each reads with its site rules and without."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from crawler.cli.exits import of_page
from crawler.cli.fetching.inputs import Given, Unreadable, read_inputs
from crawler.cli.lookup import source_named
from crawler.cli.reading import reading
from crawler.clock import utc_now
from crawler.config.limits import fetch_limits
from crawler.config.plan import Plan
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.extract.children.examine import examine
from crawler.extract.readers.rules import RuleMatch
from crawler.extract.source import PageSource
from crawler.kept.captures import kept_exchange
from crawler.reading.page import hint_of
from crawler.sources.rule_coverage import Coverage, fields_of, is_taken
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.link import FoundLink
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.sql.versions import evidence_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page to try: `status` is None for what came without HTTP."""

    name: str
    page: PageSource
    status: int | None = None


def sample_of(link: FoundLink, answer: Exchange) -> Sample:
    """Return an answer as a sample."""
    page = PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=hint_of(link, None),
    )
    return Sample(name=answer.url, page=page, status=answer.status)


def samples_in_files(names: Sequence[str]) -> list[Sample]:
    """Return saved pages as samples.

    Raises:
        UsageError: one of them cannot be read, or is no page.
    """
    samples = []
    for one in read_inputs(names, url=None, from_text=False):
        match one:
            case Given(name=name, url=url, body=body):
                page = PageSource(url=url, body=body, captured_at=utc_now())
                samples.append(Sample(name=name, page=page))
            case Unreadable(why=why):
                raise why
            case _:
                raise UsageError(f"{one.url}: --file takes saved pages, and no URLs")
    return samples


def samples_of_archive(name: str, config: Config, count: int) -> list[Sample]:
    """Return the newest archived articles of a source as samples, as captured.

    Raises:
        UsageError: no such source, or none of its articles is archived.
        CorruptRecord: a capture is not what was written.
    """
    with reading(config) as (reader, session):
        source = source_named(session, name)
        of_source = (
            select(VersionRow)
            .join(ArticleRow, col(ArticleRow.id) == VersionRow.article_id)
            .join(LinkRow, col(LinkRow.id) == ArticleRow.link_id)
            .where(LinkRow.source_id == source.id)
            .where(col(VersionRow.capture_id).is_not(None))
        )
        newest = session.exec(
            of_source.order_by(col(VersionRow.id).desc()).limit(count)
        )
        rows = [row for one in newest if (row := evidence_of(session, one))]
        if not rows:
            raise UsageError(f"no article of {source.name!r} is archived yet")
        limits = fetch_limits(config)
        return [_kept(row, kept_exchange(reader.folder, limits, row)) for row in rows]


def _kept(row: CaptureRow, answer: Exchange) -> Sample:
    name = f"{row.url} as captured {row.fetched_at:%Y-%m-%d}"
    page = PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
    )
    return Sample(name=name, page=page, status=answer.status)


async def try_sample(sample: Sample, plan: Plan, coverage: Coverage) -> dict[str, Any]:
    """Return how a page reads; with site rules also without them, and what they match.

    Raises:
        ExtractFailed: it cannot be read.
    """
    rules = plan.rules_on(sample.page.captured_at.date())
    said = sample.page.hint
    hint = replace(said, language=plan.language, timezone=plan.timezone)
    anatomy = await examine(replace(sample.page, hint=hint, rules=rules))
    made, plainly, matches = anatomy.extraction, anatomy.plainly, anatomy.rules
    coverage.add(matches, made.article)
    verdict = made.verdict
    came = sample.status is not None  # no status speaks for a file
    return {
        "kind": "sample",
        "url": sample.name,
        "verdict": verdict.kind,
        "evidence": [e for e in verdict.evidence if came or "status " not in e],
        **fields_of(made),
        "text": made.article.text if made.article else "",
        "origins": _origins(made.article),
        "rules": [_match(match, made.article) for match in matches],
        "without_rules": fields_of(plainly) if plainly else None,
        "exit_code": int(of_page(sample.status or 200, verdict.kind)),
    }


def _origins(article: Article | None) -> dict[str, str]:
    known = article.provenance if article else {}
    return {name: said.winner.origin for name, said in known.items()}


def _match(match: RuleMatch, article: Article | None) -> dict[str, Any]:
    return {
        "key": match.key,
        "rule": match.rule,
        "matches": match.matches,
        "texts": list(match.texts),
        "taken": is_taken(match, article),
    }
