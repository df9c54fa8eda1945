"""Explain what the archive holds: a kept page is read again in a child process."""

import asyncio
from dataclasses import dataclass

from sqlmodel import Session

from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Source
from crawler.errors import ExtractFailed
from crawler.extract.anatomy import Anatomy
from crawler.extract.children.examine import examine
from crawler.extract.explanation import Explanation, explanation_of
from crawler.fetch.limits import Limits
from crawler.kept.captures import kept_exchange
from crawler.knowledge import Known, read_known
from crawler.reading.page import page_source
from storage.documents import read_document
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.model.article import Article
from storage.model.extraction import Extraction
from storage.model.link import Link
from storage.model.verdict import Verdict, VerdictKind
from storage.sql.ledger import link_of
from storage.sql.tables import CaptureRow, LinkRow, SourceRow, VersionRow

_NOT_KEPT = "the raw page is not kept; its blocks cannot be shown"
_DIFFERS = (
    "read again by {0}, the page gives another text than the version archived by {1}; "
    "the blocks are those of the new reading"
)
_RENDERED = "read from the page as a browser rendered it, not as it was sent"
_SEVERAL = "only page 1 of the article was read again; its other pages have blocks too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What is needed to explain a capture, taken from the archive at once.

    Attributes:
        link: What was asked for.
        plan: The manners, and so the site rules, of its source.
        capture: The capture, or None where none is kept.
        version: The version that was read from it, or None where it made none.
        known: What its site's pages have taught.
    """

    link: Link
    plan: Plan
    capture: CaptureRow | None
    version: VersionRow | None = None
    known: Known | None = None


def reread_of(
    session: Session,
    config: Config,
    link_id: int,
    capture: CaptureRow | None,
    version: VersionRow | None = None,
) -> Reread:
    """Gather what it takes to explain a capture of a link; blocking."""
    row = session.get(LinkRow, link_id)
    source_id = row.source_id if row else None
    source = session.get(SourceRow, source_id) if source_id is not None else None
    stray = Source(name="stray", home="https://stray.invalid/")
    settings = Source.model_validate(source.settings) if source else stray
    for one in (capture, version):
        if one is not None:
            session.expunge(one)
    link, plan = link_of(session, link_id), plan_for(settings, config)
    return Reread(
        link=link,
        plan=plan,
        capture=capture,
        version=version,
        known=read_known(session, link.url, plan.language),
    )


async def explain_kept(
    folder: DataFolder, limits: Limits, reread: Reread
) -> Explanation:
    """Return why a capture was read as it was.

    Fields and removed lines are those of the archived version, where there is one;
    the blocks are of a new reading, and a note says where the two differ.
    """
    notes: list[str] = []
    anatomy: Anatomy | None = None
    if reread.capture is None:
        notes.append(_NOT_KEPT)
    else:
        if reread.capture.rendered_from is not None:
            notes.append(_RENDERED)
        try:
            answer = await asyncio.to_thread(
                kept_exchange, folder, limits, reread.capture
            )
            anatomy = await examine(
                page_source(reread.link, answer, reread.plan, reread.known)
            )
        except (CorruptRecord, ExtractFailed) as error:
            notes.append(f"{_NOT_KEPT}: {error}")
    told = _archived(reread)
    if told is None:
        told = anatomy.extraction if anatomy else _unread(reread)
    elif anatomy is not None and _text(anatomy.extraction) != _text(told):
        notes.append(_difference(anatomy.extraction, told))
    return explanation_of(
        told,
        blocks=anatomy.blocks if anatomy else (),
        rules=anatomy.rules if anatomy else (),
        url=reread.link.url,
        notes=notes,
    )


def _archived(reread: Reread) -> Extraction | None:
    """Return what was archived, as the extraction that it was."""
    if reread.version is None:
        return None
    return Extraction(
        verdict=_verdict(reread.capture, VerdictKind.ARTICLE),
        extractor=reread.version.extractor,
        article=read_document(reread.version.document),
    )


def _unread(reread: Reread) -> Extraction:
    """Return what the archive says of a capture that cannot be read again."""
    verdict = _verdict(reread.capture, VerdictKind.ERROR)
    return Extraction(verdict=verdict, extractor="")


def _verdict(row: CaptureRow | None, otherwise: VerdictKind) -> Verdict:
    kind = VerdictKind(row.verdict) if row and row.verdict else otherwise
    return Verdict(kind=kind, evidence=tuple(row.evidence or ()) if row else ())


def _text(extraction: Extraction) -> str:
    return extraction.article.text if extraction.article else ""


def _difference(now: Extraction, then: Extraction) -> str:
    article = then.article
    if article is not None and _has_pages(article):
        return _SEVERAL
    return _DIFFERS.format(now.extractor, then.extractor)


def _has_pages(article: Article) -> bool:
    return "multi_page" in article.marks
