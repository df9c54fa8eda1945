"""Questions to the CDX server and its lines (pywb's CDX server API); pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic_core import SchemaError, SchemaValidator, core_schema

from crawler.doors.stamps import first_second, following, stamp
from storage.sql.lookup import Held, Match

#: The fields of a line, in order; the first two stand before the JSON of CDXJ.
FIELDS = (
    "urlkey",
    "timestamp",
    "url",
    "mime",
    "status",
    "digest",
    "length",
    "offset",
    "filename",
)
_KEYS = 2
_FILTER = re.compile(
    r"(?P<not>!?)(?P<how>[=~]?)(?P<name>[a-z]+):(?P<wanted>.*)", re.DOTALL
)
_MEDIA_END = re.compile(r"[;\s]")
_LONGEST_PATTERN = 200
#: Repetitions that make a small expression a large one: of a group, or of hundreds.
_COSTLY = re.compile(r"\)\{|\{\d*,?\d{3}")

Line = Mapping[str, str]
Filter = Callable[[Line], bool]


class Sort(StrEnum):
    """The order of lines: by key and time, that reversed, or by nearness."""

    FORWARD = ""
    REVERSE = "reverse"
    CLOSEST = "closest"


class Output(StrEnum):
    """How lines are written: as CDXJ, as JSON, or as fields parted by blanks."""

    CDXJ = "cdxj"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the CDX server is asked.

    Attributes:
        url: Without the asterisk that may say which URLs are meant.
        match: Which are.
        since: Captures since then.
        before: Captures before then.
        closest: What nearness is to, with Sort.CLOSEST.
        sort: In which order.
        filters: What a line must pass.
    """

    url: str
    match: Match = Match.EXACT
    since: datetime | None = None
    before: datetime | None = None
    closest: datetime | None = None
    sort: Sort = Sort.FORWARD
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it is sent; empty for what is not said."""

    url: str
    match: Match | None = None
    since: str = ""
    until: str = ""
    closest: str = ""
    sort: Sort = Sort.FORWARD
    filters: Sequence[str] = ()


def read_question(asked: Asked) -> Question:
    """Return what is asked.

    Raises:
        ValueError: a time or a filter is none, or the parameters do not go together.
    """
    url, meant = _unstarred(asked.url)
    if not url.strip():
        raise ValueError("url is empty")
    if meant is not None and asked.match not in {None, meant}:
        raise ValueError(f"{asked.url} already means {meant}")
    match = asked.match or meant or Match.EXACT
    if asked.sort is Sort.CLOSEST and not asked.closest:
        raise ValueError("sort=closest needs closest, a time")
    if asked.closest and match is not Match.EXACT:
        raise ValueError("closest is of one URL: matchType must be exact")
    since = first_second(asked.since) if asked.since else None
    before = following(asked.until) if asked.until else None
    if since is not None and before is not None and since >= before:
        raise ValueError(f"from {asked.since} is later than to {asked.until}")
    is_near = asked.closest and asked.sort is not Sort.REVERSE
    return Question(
        url=url,
        match=match,
        since=since,
        before=before,
        closest=first_second(asked.closest) if asked.closest else None,
        sort=Sort.CLOSEST if is_near else asked.sort,
        filters=tuple(map(read_filter, asked.filters)),
    )


def read_filter(text: str) -> Filter:
    """Return what `[!][=|~]field:wanted` lets through.

    Without a mark the field holds what is wanted, with `=` it is that, with `~` the
    whole of it matches the regular expression.

    Raises:
        ValueError: it is no filter, of no field, or the expression is none.
    """
    found = _FILTER.fullmatch(text)
    if found is None or found["name"] not in FIELDS:
        raise ValueError(f"filter {text!r} is not [!][=|~]field:wanted")
    name, wanted, inverted = found["name"], found["wanted"], bool(found["not"])
    if found["how"] == "~":
        try:
            matches = _matcher(wanted)
        except ValueError as error:
            raise ValueError(f"filter {text!r}: {error}") from error
        return lambda line: matches(line.get(name, "")) is not inverted
    if found["how"] == "=":
        return lambda line: (line.get(name, "") == wanted) is not inverted
    return lambda line: (wanted in line.get(name, "")) is not inverted


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether all of a text matches a stranger's expression.

    Python's own would let one line hold the whole process for years. Rust's, which
    pydantic brings, takes time in proportion to the line, whatever the expression is.

    Raises:
        ValueError: it is no expression, or one that costs too much.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"longer than {_LONGEST_PATTERN} characters")
    if _COSTLY.search(pattern):
        raise ValueError("{…} repeats one character or class, 99 times at most")
    try:
        _compiled(pattern)  # alone: `a)(b` is none, though `(a)(b)` is
        return _compiled(rf"\A(?:{pattern})\z").isinstance_python
    except SchemaError as error:
        raise ValueError(str(error).strip().rpartition("rror: ")[2]) from error


def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern))


def read_fields(text: str) -> tuple[str, ...]:
    """Return the fields that are wanted, all for none named.

    Raises:
        ValueError: one of them is none.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    wrong = [name for name in names if name not in FIELDS]
    if wrong:
        raise ValueError(f"no field is called {', '.join(wrong)}: {', '.join(FIELDS)}")
    return names or FIELDS


def line_of(held: Held, digest: str | None) -> Line:
    """Return the fields of a capture's line, without those that are not known.

    `digest` is that of its record, where the row does not know it.
    """
    media = held.content_type
    if held.revisit_of is not None:
        media = "warc/revisit"
    known = {
        "urlkey": held.surt,
        "timestamp": stamp(held.fetched_at),
        "url": held.url,
        "mime": None if media is None else _MEDIA_END.split(media, maxsplit=1)[0],
        "status": str(held.status),
        "digest": held.digest or digest,
        "length": str(held.length),
        "offset": str(held.offset),
        "filename": held.segment,
    }
    return {name: value for name, value in known.items() if value is not None}


def write_line(line: Line, fields: Sequence[str], output: Output) -> str:
    """Return a line as it is sent, with its line feed."""
    if output is Output.TEXT:
        return " ".join(line.get(name, "-") or "-" for name in fields) + "\n"
    if output is Output.JSON:
        return json.dumps({n: line[n] for n in fields if n in line}) + "\n"
    said = {n: line[n] for n in FIELDS[_KEYS:] if n in fields and n in line}
    return f"{line['urlkey']} {line['timestamp']} {json.dumps(said)}\n"


def passes(line: Line, filters: Iterable[Filter]) -> bool:
    """Tell whether a line passes all filters."""
    return all(lets(line) for lets in filters)


def _unstarred(url: str) -> tuple[str, Match | None]:
    """Return a URL without its asterisk, and what that means."""
    if url.startswith("*."):
        return url[2:], Match.DOMAIN
    if url.endswith("*"):
        return url[:-1], Match.PREFIX
    return url, None
