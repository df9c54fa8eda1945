"""What lately came of the sources' links, remembered for one visit."""

from dataclasses import dataclass, field

from crawler.decisions.traps import Trail, why_left
from crawler.means import Means
from storage.model.link import Link
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.trails import newest_ends, release_trapped


@dataclass
class Trails:
    """The trail of each source whose links a visit meets, read when first needed."""

    means: Means
    by_source: dict[int, Trail] = field(default_factory=dict)

    async def trap(self, link: Link) -> str | None:
        """Return why a link that was never read is not asked for, if it is not."""
        source = link.source
        is_article = link.kind is LinkKind.ARTICLE
        if source is None or not is_article or link.fetched_at is not None:
            return None
        if source not in self.by_source:
            self.by_source[source] = Trail.of(
                await self.means.writer.run(lambda tx: newest_ends(tx.session, source))
            )
        return self.by_source[source].trap(link.url, self.means.now())

    async def note(self, link: Link, state: LinkState) -> None:
        """Add what just came of a link that was read.

        An article where its like was left alone makes those due that were.
        """
        source = link.source
        trail = self.by_source.get(source or 0)
        if source is None or trail is None:
            return
        was_left = trail.is_left(link.url)
        trail.note(link.url, state, self.means.now())
        if was_left and not trail.is_left(link.url):
            await self._release(source, why_left(link.url))

    async def _release(self, source: int, reason: str) -> None:
        now = self.means.now()
        released = await self.means.writer.run(
            lambda tx: release_trapped(tx.session, source, reason, now)
        )
        self.means.log.info("no trap after all", pattern=reason, released=released)
