"""Which source a page is of that no list named: what is imported, or asked for by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crawler.means import Watch
from crawler.urls import domain_of, host_key

_HOMES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Which source has a page, by its home's host, or else by its home's site."""

    hosts: Mapping[str, int]
    sites: Mapping[str, int]

    @classmethod
    def of(cls, watches: Iterable[Watch]) -> "Homes":
        """Return the homes of sources; of several at one place the first counts."""
        known = [(w.id, *_place(w.source.home)) for w in watches][::-1]
        return cls(
            hosts={host: number for number, host, _ in known},
            sites={site: number for number, _, site in known},
        )

    def source_of(self, url: str) -> int | None:
        """Return the source that a page is of, or None."""
        host = host_key(url)
        return self.hosts.get(host, self.sites.get(domain_of(host)))


@lru_cache(maxsize=_HOMES)
def _place(home: str) -> tuple[str, str]:
    """Return the host of a home and its site; each is asked for with every page."""
    host = host_key(home)
    return host, domain_of(host)
