"""What lately came of the sources' links, remembered for one visit."""

from dataclasses import dataclass, field

from crawler.means import Means
from crawler.traps import Trail
from storage.model import Link, LinkState
from storage.sql.ledger import newest_ends


@dataclass
class Trails:
    """The trail of each source whose links a visit meets, read when first needed."""

    means: Means
    by_source: dict[int, Trail] = field(default_factory=dict)

    async def trap(self, link: Link) -> str | None:
        """Return why a link that was never read is not asked for, if it is not."""
        source = link.source
        if source is None or link.kind.is_watched or link.fetched_at is not None:
            return None
        if source not in self.by_source:
            self.by_source[source] = Trail.of(
                await self.means.writer.run(lambda tx: newest_ends(tx.session, source))
            )
        return self.by_source[source].trap(link.url, self.means.now())

    def note(self, link: Link, state: LinkState) -> None:
        """Add what just came of a link that was read."""
        trail = self.by_source.get(link.source or 0)
        if trail is not None:
            trail.note(link.url, state, self.means.now())
