"""Which source a page is of that no list named: what is imported, or asked for by hand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.means import Watch
from crawler.sources.site_part import folder_of, folders_above
from crawler.urls import domain_of, host_key

_HOMES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Which source has a page, by its home's host, or else by its home's site.

    Of several at one host it is the one whose home or section is the page's nearest
    folder (`parts`, by host and folder); where none is above it the first.
    """

    hosts: Mapping[str, int]
    sites: Mapping[str, int]
    parts: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, watches: Iterable[Watch]) -> "Homes":
        """Return the homes of sources; of several at one place the first counts.

        Takes a millisecond for each thousand.
        """
        known = [(watch, *_place(watch.source.home)) for watch in watches]
        hosts: dict[str, int] = {}
        sites: dict[str, int] = {}
        shared = set()
        for watch, host, site in known:
            if hosts.setdefault(host, watch.id) != watch.id:
                shared.add(host)
            sites.setdefault(site, watch.id)
        at_shared = [(watch, host) for watch, host, _ in known if host in shared]
        return cls(hosts=hosts, sites=sites, parts=dict(_parts(at_shared)))

    def source_of(self, url: str) -> int | None:
        """Return the source that a page is of, or None."""
        host = host_key(url)
        first = self.hosts.get(host, self.sites.get(domain_of(host)))
        if not self.parts:
            return first
        above = (self.parts.get((host, folder)) for folder in folders_above(url))
        return next((source for source in above if source is not None), first)


def _parts(
    watches: Sequence[tuple[Watch, str]],
) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield what each source is watched at, the first one last, and homes after all else."""
    for watch, host in reversed(watches):
        for section in watch.source.sections:
            if host_key(section) == host:
                yield (host, folder_of(section)), watch.id
    for watch, host in reversed(watches):
        yield (host, folder_of(watch.source.home)), watch.id


@lru_cache(maxsize=_HOMES)
def _place(home: str) -> tuple[str, str]:
    """Return the host of a home and its site; each is asked for with every page."""
    host = host_key(home)
    return host, domain_of(host)
