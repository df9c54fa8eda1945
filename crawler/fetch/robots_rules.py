"""Rules of a robots.txt, and what they decide (RFC 9309, section 2.2). Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta

_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
#: Escapes of letters, digits, `-`, `.`, `_` and `~` (RFC 3986, section 2.3).
_NEEDLESS = re.compile("%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9A]|5F|6[1-9A-F]|7[0-9AE])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a URL may be fetched, and the line that says so, as written."""

    allowed: bool
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One Allow or Disallow line; the pattern is escaped, the line as written.

    A Disallow speaks of a path however either is escaped, as RFC 9309, section 2.2.2,
    says; an Allow only of one that is escaped as it is, as Google's matcher has both.
    In doubt the site has it.
    """

    allow: bool
    pattern: str
    line: str

    @property
    def octets(self) -> int:
        """The length of its pattern, which ranks it."""
        return len(plain_pattern(self.pattern) if self.allow else self.pattern)

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
        written = _path(url)
        plain = _plain_path(written)
        best: Rule | None = None
        for group in self._groups_for(agent):
            for rule in group.rules:
                path = written if rule.allow else plain
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


def escaped(pattern: str) -> str:
    """Return a pattern with its non-ASCII characters percent-encoded."""
    characters = (
        c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode())
        for c in pattern
    )
    return _upper_escapes("".join(characters))


def _plain_path(path: str) -> str:
    """Return an escaped path without needless escapes, `*` and `$` escaped."""
    plain = _undo_needless(path)
    return plain.replace("*", "%2A").replace("$", "%24")


def plain_pattern(pattern: str) -> str:
    """Return an escaped pattern as `_plain_path` has paths; `*` and a last `$` stay."""
    plain = _undo_needless(pattern)
    return plain[:-1].replace("$", "%24") + plain[-1:]


def _undo_needless(text: str) -> str:
    if "%" not in text:
        return text
    return _NEEDLESS.sub(lambda match: chr(int(match.group()[1:], 16)), text)


def _outranks(rule: Rule, best: Rule | None) -> bool:
    if not rule.pattern:
        return False
    if best is None or rule.octets > best.octets:
        return True
    return rule.octets == best.octets and rule.allow and not best.allow


def _path(url: str) -> str:
    """Return path and query as Google's matcher does, without parsing more."""
    whole = url.partition("#")[0]
    _, scheme, rest = whole.partition("://")
    found = re.search(r"[/?;]", rest if scheme else whole)
    if found is None:
        return "/"
    path = found.string[found.start() :]
    return _upper_escapes(path if path.startswith("/") else f"/{path}")


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: match.group().upper(), text)
