"""What is known of the sites that are being visited, at hand for the extractor."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest
from urllib.parse import urlsplit

from sqlmodel import Session

from crawler.extract.source import HostKnowledge
from crawler.urls import host_key
from storage.sql.templates import read_template
from storage.templates import Template
from storage.writer import Writer

#: Sites kept at hand; each is up to some hundred kilobytes.
_AT_HAND = 64
#: Blocks that are told to the extractor, ten bytes each; few sites have so many.
_BLOCKS = 8_000
#: Another process may have learned more since.
_FRESH = timedelta(minutes=10)
#: Hosts whose tenants are told apart by the first part of the path.
_TENANTS_BY_PATH = ("medium.com", "wixsite.com")
_TENANT_MARKS = ("@", "~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a site.

    Attributes:
        host: For the extractor.
        own: By link id: the keys that were counted of its page.
    """

    host: HostKnowledge
    own: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The sites at hand with when each was read, the last used kept."""

    _sites: OrderedDict[tuple[str, str], tuple[Known, datetime]] = field(
        default_factory=OrderedDict
    )

    def __len__(self) -> int:
        """Return how many sites are at hand."""
        return len(self._sites)

    async def of(
        self, url: str, language: str | None, writer: Writer, now: datetime
    ) -> Known:
        """Return what is known of a page's site.

        Args:
            url: The page.
            language: Of its source, as configured.
            writer: Who can read the archive.
            now: Current time, UTC.
        """
        key = site_of(url), language or ""
        if known := self._at_hand(key, now):
            return known
        template = await writer.run(lambda tx: read_template(tx.session, *key))
        return self.put(*key, template, now)

    def read(
        self, session: Session, url: str, language: str | None, now: datetime
    ) -> Known:
        """Return the same as `of`, read by whoever has a session; blocking."""
        key = site_of(url), language or ""
        if known := self._at_hand(key, now):
            return known
        return self.put(*key, read_template(session, *key), now)

    def _at_hand(self, key: tuple[str, str], now: datetime) -> Known | None:
        found = self._sites.get(key)
        if found is None or now - found[1] > _FRESH:
            return None
        self._sites.move_to_end(key)
        return found[0]

    def put(self, site: str, language: str, template: Template, now: datetime) -> Known:
        """Keep what was just read or learned of a site."""
        known = known_by(template)
        self._sites[site, language] = known, now
        self._sites.move_to_end((site, language))
        while len(self._sites) > _AT_HAND:
            self._sites.popitem(last=False)
        return known


def read_known(session: Session, url: str, language: str | None) -> Known:
    """Return what the archive knows of a page's site."""
    return known_by(read_template(session, site_of(url), language or ""))


def known_by(template: Template) -> Known:
    """Return a template as the extractor is told of it."""
    return Known(
        host=HostKnowledge(
            blocks=_counts(template),
            pages=len(template.pages),
            title_suffixes=template.manners.title_suffixes,
            title_prefixes=template.manners.title_prefixes,
            day_first=template.manners.day_first,
        ),
        own={page.link: page.keys for page in template.pages},
    )


def _counts(template: Template) -> dict[int, tuple[int, int]]:
    """Return the counts of a site's blocks, of very many the most frequent."""
    counts = {key: (block.df, block.days) for key, block in template.blocks.items()}
    if len(counts) <= _BLOCKS:
        return counts
    return dict(nlargest(_BLOCKS, counts.items(), key=lambda item: item[1]))


def site_of(url: str) -> str:
    """Return whose page a URL is: its host, or a tenant of it.

    Platforms give each tenant a host, or the first part of the path: by custom
    with `@` or `~` before the name.
    """
    host = host_key(url).removeprefix("www.")
    first = urlsplit(url).path.split("/")[1:2]
    name = first[0] if first else ""
    by_path = any(host == p or host.endswith(f".{p}") for p in _TENANTS_BY_PATH)
    return f"{host}/{name}" if name and (by_path or name[0] in _TENANT_MARKS) else host
