"""robots.txt as RFC 9309 reads it, with Google's leniency. Pure.

Beyond the RFC, as Google's published matcher does: a missing colon and common
misspellings are forgiven, and `Allow: /a/index.html` allows `/a/` too.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

MAX_BYTES = 512 * 1024  # RFC 9309, section 2.5, asks for 500 KiB at least
MAX_CRAWL_DELAY = timedelta(days=1)

_MAX_LINE = 2083 * 8  # Google's limit: eight times the longest URL of a browser
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a URL may be fetched, and the line that says so, as written."""

    allowed: bool
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One Allow or Disallow line; the pattern is escaped, the line as written."""

    allow: bool
    pattern: str
    line: str

    def matches(self, path: str) -> bool:
        """Return whether the rule speaks of a path; linear in its length."""
        anchored = self.pattern.endswith("$")
        pieces = self.pattern.removesuffix("$").split("*")
        if not path.startswith(pieces[0]):
            return False
        if len(pieces) == 1:
            return not anchored or path == pieces[0]
        place = len(pieces[0])
        for piece in pieces[1:-1]:
            found = path.find(piece, place)
            if found < 0:
                return False
            place = found + len(piece)
        if anchored:
            return len(path) - len(pieces[-1]) >= place and path.endswith(pieces[-1])
        return path.find(pieces[-1], place) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules for some agents; `*` is the agent that stands for all others."""

    agents: frozenset[str]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """A robots.txt.

    Attributes:
        groups: In the order of the file; those of one agent count together.
        delays: Agents, and the Crawl-delay said to them.
        sitemaps: For all agents, as written.
        unreachable: Why nothing may be fetched at all, or None.
    """

    groups: tuple[Group, ...] = ()
    delays: tuple[tuple[frozenset[str], timedelta], ...] = ()
    sitemaps: tuple[str, ...] = ()
    unreachable: str | None = None

    def decide(self, agent: str, url: str) -> Decision:
        """Return whether an agent, named by its product token, may fetch a URL.

        The longest pattern wins, Allow wins a tie (RFC 9309, section 2.2.2).
        """
        if self.unreachable is not None:
            return Decision(allowed=False, line=self.unreachable)
        path = _path(url)
        best: Rule | None = None
        for group in self._groups_for(agent):
            for rule in group.rules:
                if _outranks(rule, best) and rule.matches(path):
                    best = rule
        if best is None:
            return Decision(allowed=True, line="no rule")
        return Decision(allowed=best.allow, line=best.line)

    def crawl_delay(self, agent: str) -> timedelta | None:
        """Return the longest Crawl-delay said to an agent, a day at most."""
        asked = agent.lower() if self._is_named(agent) else "*"
        return max((delay for row, delay in self.delays if asked in row), default=None)

    def _groups_for(self, agent: str) -> list[Group]:
        asked = agent.lower() if self._is_named(agent) else "*"
        return [group for group in self.groups if agent and asked in group.agents]

    def _is_named(self, agent: str) -> bool:
        return any(agent.lower() in group.agents for group in self.groups)


def robots_from(status: int | None, body: bytes) -> Robots:
    """Return what an answer to /robots.txt means (RFC 9309, section 2.3.1).

    Args:
        status: The status after redirects, or None when there was no answer.
        body: Its decoded body.
    """
    if status is None or status >= 500:
        said = "no answer" if status is None else f"status {status}"
        return Robots(unreachable=f"robots.txt unreachable ({said})")
    return parse_robots(body) if 200 <= status < 300 else Robots()


def parse_robots(body: bytes) -> Robots:
    """Return the groups and sitemaps of a robots.txt; nothing is an error."""
    text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    parser = _Parser()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        parser.read(line[:_MAX_LINE], number)
    return parser.finish()


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
        pattern = _escaped(value)
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


def _outranks(rule: Rule, best: Rule | None) -> bool:
    if not rule.pattern:
        return False
    if best is None or len(rule.pattern) > len(best.pattern):
        return True
    return len(rule.pattern) == len(best.pattern) and rule.allow and not best.allow


def _path(url: str) -> str:
    """Return path and query as Google's matcher does, without parsing more."""
    whole = url.partition("#")[0]
    _, scheme, rest = whole.partition("://")
    found = re.search(r"[/?;]", rest if scheme else whole)
    if found is None:
        return "/"
    path = found.string[found.start() :]
    return _upper_escapes(path if path.startswith("/") else f"/{path}")


def _escaped(pattern: str) -> str:
    """Return a pattern with its non-ASCII characters percent-encoded."""
    escaped = "".join(
        c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode())
        for c in pattern
    )
    return _upper_escapes(escaped)


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: match.group().upper(), text)
