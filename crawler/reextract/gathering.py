"""What a capture is read again with: its link, its source's manners, what is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from crawler.clock import utc_now
from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Source
from crawler.kept.reader import Reader
from crawler.knowledge import Knowledge, Known
from storage.model.link import Link
from storage.sql.ledger import link_of
from storage.sql.tables import ArticleRow, CaptureRow, SourceRow, VersionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A capture with all that it was read with, but for what is learned since.

    Attributes:
        link: Its link.
        capture: The capture.
        plan: Its source's manners, site rules among them, as configured now.
        known: What its site's pages have taught.
    """

    link: Link
    capture: CaptureRow
    plan: Plan
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Kept):
    """A version with its capture.

    Attributes:
        version: The version.
        article_url: Its article's URL.
    """

    version: VersionRow
    article_url: str


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Finds it all; what is known of sites is kept at hand. Blocking."""

    reader: Reader
    knowledge: Knowledge = field(default_factory=Knowledge)

    def versions(self, ids: Sequence[int]) -> list[Version]:
        """Return versions with all that they are read with."""
        with self.reader.session() as session:
            return [self._of_version(session, version) for version in ids]

    def _of_version(self, session: Session, version_id: int) -> Version:
        version = session.get_one(VersionRow, version_id)
        article = session.get_one(ArticleRow, version.article_id)
        capture = session.get_one(CaptureRow, version.capture_id)
        link_id = capture.link_id or article.link_id  # another's, before it moved
        kept = self._of_capture(session, capture, link_of(session, link_id))
        session.expunge(version)
        return Version(
            version=version,
            article_url=article.url,
            link=kept.link,
            capture=kept.capture,
            plan=kept.plan,
            known=kept.known,
        )

    def _of_capture(self, session: Session, capture: CaptureRow, link: Link) -> Kept:
        plan = _plan(session, self.reader.config, link.source)
        known = self.knowledge.read(session, capture.url, plan.language, utc_now())
        session.expunge(capture)
        return Kept(link=link, capture=capture, plan=plan, known=known)

    def pages(self, captures: Sequence[int]) -> list[Kept]:
        """Return pages passed over with all that they are read with."""
        with self.reader.session() as session:
            rows = [session.get_one(CaptureRow, capture) for capture in captures]
            return [
                self._of_capture(session, row, link_of(session, row.link_id or 0))
                for row in rows
            ]


def _plan(session: Session, config: Config, source_id: int | None) -> Plan:
    """Return a source's manners as config.yaml has them now, else as it was added."""
    row = session.get(SourceRow, source_id) if source_id is not None else None
    if row is None:
        return plan_for(Source(name="stray", home="https://stray.invalid/"), config)
    configured = {source.name: source for source in config.sources}.get(row.name)
    return plan_for(configured or Source.model_validate(row.settings), config)
