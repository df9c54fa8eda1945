"""One fault: what a host does, and what the ledger, the server and the WARC must say."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from crawler.fetch.limits import Limits
from storage.sql.tables import CaptureRow, HostRow, LinkRow
from tests.torture.faults.dns_server import Reply
from tests.torture.faults.server import Script

#: Public addresses whose SYNs are never answered.
BLACK_HOLES = ("93.184.0.9", "2606:2800::9")
#: What a limit may be passed by: the promise of the whole harness.
GRACE_SECONDS = 1.0
ADDED_MIB = 64.0
LATE = "late"
DNS_SECONDS = 5.0
#: The service looks for due links once in this time.
TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found after a fault.

    Attributes:
        link: The asked URL's row; None when it did not enter the ledger.
        links: All rows of the fault's hosts, oldest first.
        captures: Of its hosts, oldest first, robots.txt included.
        hosts: Rows by name.
        articles: How many articles of its hosts there are.
        versions: And how many versions of them.
        requests: By path, of its main host, as the server counted them.
        heads: The headers of those requests.
        dialled: Connections by host, canaries included.
        wall: Seconds until it was settled.
        rest: Seconds from the end until the host is free.
        texts: Texts of all versions of its articles.
    """

    link: LinkRow | None
    links: Sequence[LinkRow]
    captures: Sequence[CaptureRow]
    hosts: Mapping[str, HostRow]
    articles: int
    versions: int
    requests: Mapping[str, int]
    heads: Mapping[str, Sequence[Mapping[str, str]]]
    dialled: Mapping[str, int]
    wall: float
    rest: float
    texts: Sequence[str]


#: Returns what is wrong.
Check = Callable[[Seen], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A fault and what must come of it.

    Attributes:
        row: Of the catalogue, such as N8.
        name: Which of the row's faults.
        pages: Scripts of its main host, by path.
        ends: States the asked link may end in.
        says: Pattern that its reason holds.
        takes: Which limit ends it: connect, first_byte, total, dns, or moment.
        kind: How the URL is known: article, feed, sitemap or section.
        path: What is asked for; `//` as its begin means that it names a host.
        scheme: `http` or `https`.
        port: Appended to the host, such as `:8080`.
        replies: What DNS says of its host, in turn; None is its own address.
        others: Further hosts' pages, by name.
        greet: Runs for each connection instead of reading a request.
        tls: Which certificate it shows, by name.
        stall_tls: Whether a TLS handshake is never answered.
        manners: What is configured for its source, if it is no article.
        fetches: How often the URL is asked for.
        asked: How often the server must have been asked, by path.
        truncated: Labels that the last capture may have; `None` is none.
        checks: Whatever else must hold.
        smoke: Whether it belongs to the small size.
        beside: Whether it runs beside others; those that wait for a limit do.
    """

    row: str
    name: str
    pages: Mapping[str, Script] = field(default_factory=dict)
    ends: str = "error"
    says: str = ""
    takes: str = "moment"
    kind: str = "article"
    path: str = "/story"
    scheme: str = "http"
    port: str = ""
    replies: tuple[Reply, ...] | None = None
    others: Mapping[str, Mapping[str, Script]] = field(default_factory=dict)
    greet: Script | None = None
    tls: str | None = None
    stall_tls: bool = False
    manners: Mapping[str, object] = field(default_factory=dict)
    fetches: int = 1
    asked: Mapping[str, int] = field(default_factory=dict)
    truncated: str = "None"
    checks: tuple[Check, ...] = ()
    smoke: bool = False
    beside: bool = False

    @property
    def host(self) -> str:
        """Its main host; a site of its own, so that none waits for another."""
        words = re.sub(r"[^a-z0-9]+", "-", f"{self.row} {self.name}".lower())
        unique = crc32(self.name.encode()) & 0xFFFF
        return f"{words.strip('-')[:50].strip('-')}-{unique:x}.test"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.port}{self.path}"

    @property
    def twin(self) -> "Variant":
        """The same fault on a host of its own, to be asked when this one was late."""
        return replace(self, name=f"{self.name}, again")

    @property
    def slow(self) -> bool:
        return self.takes != "moment" or self.beside

    def deadline(self, limits: Limits) -> float:
        """Return the seconds that one fetch of it may take, the grace left out."""
        seconds = {
            "connect": limits.connect.total_seconds(),
            "first_byte": limits.first_byte.total_seconds(),
            "total": limits.total.total_seconds(),
            "dns": DNS_SECONDS,
            "moment": limits.first_byte.total_seconds(),
        }[self.takes]
        return seconds + TICK_SECONDS * (self.kind != "article")

    def judge(self, seen: Seen, limits: Limits) -> list[str]:
        """Return the promises that are broken, beside memory."""
        broken = [*self._judge_link(seen.link), *self._judge_requests(seen)]
        late = seen.wall - self.fetches * self.deadline(limits) - GRACE_SECONDS
        if late > 0:
            broken.append(f"{late:.1f} s {LATE}")
        last = seen.captures[-1].truncated if seen.captures else None
        if str(last) not in self.truncated.split("|"):
            broken.append(f"truncated: {last}")
        broken += [wrong for check in self.checks for wrong in check(seen)]
        return broken

    def _judge_link(self, link: LinkRow | None) -> list[str]:
        if link is None:
            return [] if self.ends == "unknown" else ["not in the ledger"]
        broken = []
        if link.state not in self.ends.split("|"):
            broken.append(f"state {link.state}: {link.reason[:120]}")
        elif not re.search(self.says, link.reason):
            broken.append(f"reason {link.reason[:120]}")
        return broken

    def _judge_requests(self, seen: Seen) -> list[str]:
        found = {path: seen.requests.get(path, 0) for path in self.asked}
        return [
            f"{path} asked {found[path]} times"
            for path, times in self.asked.items()
            if found[path] != times
        ]


# ---- what else may have to hold ------------------------------------------------


def no_article(seen: Seen) -> Sequence[str]:
    """Nothing was archived."""
    return [f"{seen.articles} articles"] * bool(seen.articles)


def one_article(seen: Seen) -> Sequence[str]:
    return [f"{seen.articles} articles"] * (seen.articles != 1)


def one_version(seen: Seen) -> Sequence[str]:
    return [f"{seen.versions} versions"] * (seen.versions != 1)


def nothing_kept(seen: Seen) -> Sequence[str]:
    """No capture but robots.txt's."""
    kept = [row.url for row in seen.captures if not row.url.endswith("/robots.txt")]
    return [f"kept {kept}"] * bool(kept)


def each_hop_kept(seen: Seen) -> Sequence[str]:
    """There are as many captures as the server was asked times."""
    asked, kept = sum(seen.requests.values()), len(seen.captures)
    return [f"{asked} requests, {kept} captures"] * (asked != kept)


def no_canary(seen: Seen) -> Sequence[str]:
    """No private address and no odd port was dialled."""
    hit = {name: n for name, n in seen.dialled.items() if not name.endswith(".test")}
    return [f"canary hit: {hit}"] * bool(hit)


def rests(least: float, most: float) -> Check:
    """The host is left alone for so many seconds."""

    def check(seen: Seen) -> Sequence[str]:
        good = least <= seen.rest <= most
        return [] if good else [f"rests {seen.rest:.0f} s"]

    return check


def at_most(requests: int) -> Check:
    """The host was not asked more often than this."""

    def check(seen: Seen) -> Sequence[str]:
        asked = sum(seen.requests.values())
        return [f"{asked} requests"] * (asked > requests)

    return check


def every_link_named(seen: Seen) -> Sequence[str]:
    """Every link that is not due has a reason."""
    mute = [row.url for row in seen.links if not row.reason and row.next_run is None]
    return [f"no reason: {mute[:3]}"] * bool(mute)
