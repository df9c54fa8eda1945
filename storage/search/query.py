"""What may be asked of a search: the query language.

A query is words, "phrases", beginnings*, -exclusions and a field before any of them:
title:, author:, section:, tag:, source:, lang: or site:. All have to match; `a OR b` is
either, and binds closer than the blank between two words; AND is passed over, NOT
excludes what follows. Parentheses may stand around what OR joins, as in
`(a OR b) c`, and group nothing else. `after:` and `before:` take a year, a month or a day, in UTC: the day named by
`after:` counts, that named by `before:` does not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from storage.errors import BadQuery
from storage.search.tokens import is_single, tokens

MAX_TERMS = 20
MAX_TERM = 200
"""Characters of one term."""
MAX_QUERY = 2_000
"""Characters of a query."""

_FIELDS = "title|author|section|tag|source|lang|site|after|before"
_TERM = re.compile(
    rf"""(?P<minus>-)?
    (?:(?P<field>{_FIELDS}):)?
    (?:"(?P<phrase>[^"]*)"?(?P<more>\*)?|(?P<word>[^\s"]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE = re.compile(rf"(?:{_FIELDS}):", re.IGNORECASE)
#: The form of a language as articles have it (BCP 47).
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
#: As phones, word processors and East Asian keyboards write quotes and the colon.
_SIGNS = str.maketrans(
    "\u201c\u201d\u201e\u00ab\u00bb\uff02\uff1a", '""' + '""' + '"":'
)
_DAY = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")
_AND, _OR, _NOT = "AND", "OR", "NOT"
_BETWEEN = "OR stands between two terms that are looked for"


class SearchField(StrEnum):
    """Where a term has to match; anywhere is title, text and authors."""

    ANYWHERE = "anywhere"
    TITLE = "title"
    AUTHOR = "author"
    SECTION = "section"
    TAG = "tag"
    SOURCE = "source"
    LANG = "lang"
    SITE = "site"


IN_ROW = frozenset((SearchField.SOURCE, SearchField.LANG, SearchField.SITE))
"""Fields that are no words but facts of the article's row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of a query.

    Attributes:
        raw: The term as typed, without its field and quotes.
        field: Where.
        tokens: What has to stand side by side, in this order.
        behind: The character that has to stand right before them, or nothing. It may
            be the end of a bigram: "第5回" has to find "は第5回".
        prefix: The last token may go on.
    """

    raw: str
    field: SearchField = SearchField.ANYWHERE
    tokens: tuple[str, ...] = ()
    behind: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as it was understood.

    Attributes:
        groups: All have to match; of a group any term. A group is of words, or of
            facts of the row, never of both.
        excluded: None of them may match.
        after: The first moment, or None.
        before: The first moment that is too late, or None.
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    after: datetime | None = None
    before: datetime | None = None

    @property
    def words(self) -> tuple[tuple[Term, ...], ...]:
        """The groups that are words."""
        return tuple(group for group in self.groups if group[0].field not in IN_ROW)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms that are looked for."""
        return tuple(term for group in self.groups for term in group)


def read_query(query: str) -> Question:
    """Return what a query asks for. What holds no letter or digit is passed over.

    Raises:
        BadQuery: There is nothing to look for, or too much, or it cannot be meant.
    """
    if len(query) > MAX_QUERY:
        raise BadQuery(f"a query has at most {MAX_QUERY:,} characters")
    reading = _Reading()
    for match in _matches(query):
        reading.take(match)
    return reading.question()


def refuse_no_language(code: str) -> None:
    """Refuse what no article can say to be its language.

    Raises:
        BadQuery: It has not the form of a language's code.
    """
    if _LANGUAGE.fullmatch(code) is None:
        raise BadQuery(f"{code!r} is no language's code; write id, pt or pt-br")


def refuse_no_time(after: datetime | None, before: datetime | None) -> None:
    """Refuse two ends between which no moment lies.

    Args:
        after: The first moment, or None.
        before: The first moment that is too late, or None.

    Raises:
        BadQuery: It does not come before the other.
    """
    if after is not None and before is not None and after >= before:
        raise BadQuery(
            f"nothing is from {_written(after)} on and before {_written(before)}"
        )


def _written(at: datetime) -> str:
    return at.isoformat().removesuffix("T00:00:00+00:00")


def _matches(query: str) -> Iterator[re.Match[str]]:
    """Yield the parts of a query, without what no database takes as text."""
    clean = query.encode("utf-8", "replace").decode().replace("\0", " ")
    return _TERM.finditer(clean.translate(_SIGNS))


class _Reading:
    """A query read up to some part of it."""

    def __init__(self) -> None:
        self._groups: list[tuple[Term, ...]] = []
        self._excluded: list[Term] = []
        self._after: list[datetime] = []
        self._before: list[datetime] = []
        self._joins = False
        self._negates = False
        self._is_behind_term = False
        self._parentheses = _Parentheses()

    def take(self, match: re.Match[str]) -> None:
        if match.group() == _OR:
            self._join()
        elif match.group() == _NOT:
            self._negates = True
        elif match.group() != _AND:
            self._take_term(match, is_excluded=bool(match["minus"]) or self._negates)

    def question(self) -> Question:
        if self._joins:
            raise BadQuery(_BETWEEN)
        if self._negates:
            raise BadQuery("NOT stands before a term")
        self._parentheses.refuse_groups(self._groups)
        self._refuse_nothing()
        after = max(self._after, default=None)
        before = min(self._before, default=None)
        refuse_no_time(after, before)
        return Question(
            groups=tuple(self._groups),
            excluded=tuple(self._excluded),
            after=after,
            before=before,
        )

    def _take_term(self, match: re.Match[str], *, is_excluded: bool) -> None:
        self._parentheses.open(match, is_excluded=is_excluded)
        field = (match["field"] or "").lower()
        if field in {"after", "before"}:
            self._bound(field, _moment(match, is_excluded=is_excluded))
        elif term := _term(match):
            self._add(term, is_excluded=is_excluded)
        self._parentheses.close(match)

    def _bound(self, field: str, moment: datetime) -> None:
        if self._joins:
            raise BadQuery(_BETWEEN)
        (self._after if field == "after" else self._before).append(moment)
        self._is_behind_term = False

    def _refuse_nothing(self) -> None:
        if self._groups or self._after or self._before:
            return
        if self._excluded:
            raise BadQuery("the query only excludes; name a word or a date as well")
        raise BadQuery("the query names nothing to look for")

    def _join(self) -> None:
        if self._joins or not self._is_behind_term:
            raise BadQuery(_BETWEEN)
        self._joins = True

    def _add(self, term: Term, *, is_excluded: bool) -> None:
        if is_excluded and self._joins:
            raise BadQuery(_BETWEEN)
        if is_excluded:
            self._excluded.append(term)
        elif self._joins:
            self._groups[-1] = _either(self._groups[-1], term)
        else:
            self._groups.append((term,))
        if not is_excluded:
            self._parentheses.add(is_joined=self._joins)
        self._joins = self._negates = False
        self._is_behind_term = not is_excluded
        if sum(map(len, self._groups)) + len(self._excluded) > MAX_TERMS:
            raise BadQuery(f"a query has at most {MAX_TERMS} terms")


class _Parentheses:
    """Where parentheses stand in a query, and whether they can be meant.

    Around one term, or around all that OR joins, they change nothing. Others would
    group what this language cannot, as in `(a b) OR c` and `-(a b)`.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._begun = 0
        self._has_groups = False

    def open(self, match: re.Match[str], *, is_excluded: bool) -> None:
        word = match["word"] or ""
        if not word.startswith("("):
            return
        if (is_excluded or match["field"]) and not word.endswith(")"):
            raise BadQuery("a field, - and NOT stand before each word: -a -b")
        self._depth += 1
        self._begun = 0

    def add(self, *, is_joined: bool) -> None:
        """Count a term; `is_joined` says that OR joins it to the one before."""
        self._has_groups |= self._depth > 0 and self._begun > 0 and not is_joined
        self._begun += 1

    def close(self, match: re.Match[str]) -> None:
        if (match["word"] or "").endswith(")"):
            self._depth = max(0, self._depth - 1)

    def refuse_groups(self, groups: Sequence[Sequence[Term]]) -> None:
        if self._has_groups and any(len(group) > 1 for group in groups):
            raise BadQuery("parentheses hold words that OR joins, as in (a OR b) c")


def _either(group: tuple[Term, ...], term: Term) -> tuple[Term, ...]:
    if (group[0].field in IN_ROW) != (term.field in IN_ROW):
        raise BadQuery("OR joins words with words, or source:, lang: and site:")
    return (*group, term)


def _moment(match: re.Match[str], *, is_excluded: bool) -> datetime:
    raw = match["word"] or match["phrase"] or ""
    found = _DAY.fullmatch(raw)
    if found is None or is_excluded:
        raise BadQuery("after: and before: take a day, such as after:2026-01-31")
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError as error:
        raise BadQuery(f"{raw} is no day of the calendar") from error


def _term(match: re.Match[str]) -> Term | None:
    raw = match["word"] if match["phrase"] is None else match["phrase"]
    if len(raw) > MAX_TERM:
        raise BadQuery(f"a term has at most {MAX_TERM} characters")
    words = tokens(raw)
    _refuse_bare(match, words)
    if not words:
        return None
    is_cut = len(words) > 1 and is_single(words[0])
    starred = match["more"] is not None or (match["word"] or "").endswith("*")
    if starred and len(words[-1]) == 1 and not is_single(words[-1]):
        raise BadQuery("a beginning has at least two letters")
    value = raw.strip().rstrip("*")
    field = SearchField((match["field"] or SearchField.ANYWHERE).lower())
    _refuse_misplaced(match, field, value)
    return Term(
        raw=value,
        field=field,
        tokens=tuple(words[1:] if is_cut else words),
        behind=words[0] if is_cut else "",
        prefix=starred or is_single(words[-1]),
    )


def _refuse_misplaced(match: re.Match[str], field: SearchField, value: str) -> None:
    """Refuse what would find something else than is meant."""
    if field is SearchField.LANG:
        refuse_no_language(value)
    if field is SearchField.SITE and "/" in value:
        raise BadQuery("site: takes a host alone, such as site:example.org")
    if (match["word"] or "").lstrip("(").startswith("*"):
        raise BadQuery("a star stands behind a beginning, such as storm*")


def _refuse_bare(match: re.Match[str], words: list[str]) -> None:
    """Refuse a field with nothing to look for behind it."""
    field = match["field"]
    if field is None and _BARE.fullmatch(match["word"] or ""):
        field, words = match["word"].removesuffix(":"), []
    if field is not None and not words:
        raise BadQuery(f"{field}: has nothing right behind it; in quotes it is a word")
