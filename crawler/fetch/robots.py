"""robots.txt as RFC 9309 reads it, with Google's leniency. Pure.

Beyond the RFC, as Google's published matcher does: a missing colon and common
misspellings are forgiven, and `Allow: /a/index.html` allows `/a/` too.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from datetime import timedelta
from math import isfinite

from crawler.fetch.robots_rules import (
    Decision,
    Group,
    Robots,
    Rule,
    escaped,
    plain_pattern,
)

__all__ = [
    "MAX_BYTES",
    "MAX_CRAWL_DELAY",
    "Decision",
    "Group",
    "Robots",
    "Rule",
    "is_failure",
    "parse_robots",
    "robots_from",
]

MAX_BYTES = 512 * 1024  # RFC 9309, section 2.5, asks for 500 KiB at least
MAX_CRAWL_DELAY = timedelta(days=1)

_TOO_MANY = 429
_MAX_LINE = 2083 * 8  # Google's limit: eight times the longest URL of a browser
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_KEYS = {
    "allow": "allow",
    "crawl delay": "crawl-delay",
    "crawl-delay": "crawl-delay",
    "crawldelay": "crawl-delay",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "disallow": "disallow",
    "disalow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "site-map": "sitemap",
    "sitemap": "sitemap",
    "user agent": "user-agent",
    "user-agent": "user-agent",
    "useragent": "user-agent",
}


def robots_from(status: int | None, body: bytes) -> Robots:
    """Return what an answer to /robots.txt means (RFC 9309, section 2.3.1).

    A 429 is taken like a server error, as Google does: it asks for a rest, and
    says nothing of rules.

    Args:
        status: The status after redirects, or None when there was no answer.
        body: Its decoded body.
    """
    if status is None or is_failure(status):
        said = "no answer" if status is None else f"status {status}"
        return Robots(unreachable=f"robots.txt unreachable ({said})")
    return parse_robots(body) if 200 <= status < 300 else Robots()


def is_failure(status: int | None) -> bool:
    """Tell whether an answer to /robots.txt leaves open what the rules are."""
    return status is None or status == _TOO_MANY or status >= 500


def parse_robots(body: bytes) -> Robots:
    """Return the groups and sitemaps of a robots.txt; nothing is an error."""
    parser = _Parser()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", _text(body)), 1):
        parser.read(line[:_MAX_LINE], number)
    return parser.finish()


def _text(body: bytes) -> str:
    """Return the part that is read: UTF-8 (section 2.3), unless a mark says UTF-16."""
    read = body[:MAX_BYTES]
    if read.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return read.decode("utf-16", "replace")
    return read.removeprefix(BOM_UTF8).decode("utf-8", "replace")


class _Parser:
    """The group being read, and those read before it.

    A Crawl-delay is no rule: it does not end a row of agents, as it does not
    for Google. But it is said only to the agents named right before it.
    """

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.delays: list[tuple[frozenset[str], timedelta]] = []
        self.sitemaps: list[str] = []
        self.agents: list[str] = []
        self.rules: list[Rule] = []
        self.row: list[str] = []
        self.row_delay: timedelta | None = None
        self.row_is_open = False

    def read(self, line: str, number: int) -> None:
        key, value = _split(line)
        match key:
            case "user-agent":
                self.add_agent(_agent(value))
            case "allow" | "disallow":
                self.add_rule(
                    key == "allow", value, f"{line.strip()[:200]} (line {number})"
                )
            case "crawl-delay":
                self.add_delay(_delay(value))
            case "sitemap":
                self.sitemaps.append(value)

    def add_agent(self, agent: str) -> None:
        if self.rules:
            self.close_group()
        if not self.row_is_open:
            self.close_row()
        self.row_is_open = True
        self.row.append(agent)
        self.agents.append(agent)

    def add_rule(self, allow: bool, value: str, line: str) -> None:  # noqa: FBT001 - a fact about the rule, not a switch
        self.row_is_open = False
        if not self.agents:
            return
        pattern = escaped(value) if allow else plain_pattern(escaped(value))
        self.rules.append(Rule(allow=allow, pattern=pattern, line=line))
        folder, slash, name = pattern.rpartition("/")
        if allow and slash and name.startswith("index.htm"):
            self.rules.append(Rule(allow=True, pattern=f"{folder}/$", line=line))

    def add_delay(self, delay: timedelta | None) -> None:
        self.row_is_open = False
        if delay is not None:
            self.row_delay = max(delay, self.row_delay or delay)

    def close_row(self) -> None:
        if self.row_delay is not None:
            self.delays.append((frozenset(self.row), self.row_delay))
        self.row, self.row_delay = [], None

    def close_group(self) -> None:
        agents = frozenset(agent for agent in self.agents if agent)
        self.groups.append(Group(agents=agents, rules=tuple(self.rules)))
        self.agents, self.rules = [], []

    def finish(self) -> Robots:
        self.close_group()
        self.close_row()
        return Robots(
            groups=tuple(self.groups),
            delays=tuple(self.delays),
            sitemaps=tuple(self.sitemaps),
        )


def _split(line: str) -> tuple[str | None, str]:
    """Return a line's known key and its value; None for any other line."""
    content = line.partition("#")[0].strip()
    key, colon, value = content.partition(":")
    if not colon:
        words = content.split()
        if len(words) != 2:
            return None, ""
        key, value = words
    return _KEYS.get(key.strip().lower()), value.strip()


def _agent(value: str) -> str:
    if value == "*" or re.match(r"\*\s", value):
        return "*"
    product = _PRODUCT.match(value)
    return product.group().lower() if product else ""


def _delay(value: str) -> timedelta | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    if not isfinite(seconds) or seconds < 0:
        return None
    return timedelta(seconds=min(seconds, MAX_CRAWL_DELAY.total_seconds()))
