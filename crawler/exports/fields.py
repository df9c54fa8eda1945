"""The columns of an export, and a version's values in them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from crawler.render import stated
from storage.model.moment import Moment, Precision
from storage.sql.selection import Told


class Kind(StrEnum):
    """What a column holds; a TIME is UTC."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBER = "integer"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column: its name, what it holds, and what that means."""

    name: str
    kind: Kind
    means: str


def _fields(*rows: tuple[str, Kind, str]) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind=kind, means=means) for name, kind, means in rows)


FIELDS = _fields(
    ("id", Kind.NUMBER, "the article; never given to another"),
    ("version", Kind.NUMBER, "which of its versions this is, counted from 1"),
    ("versions", Kind.NUMBER, "how many there are"),
    ("change", Kind.TEXT, "how it differs from the one before: `first`, `rewrite`, …"),
    ("state", Kind.TEXT, "`present`, or `gone` when its page is"),
    ("url", Kind.TEXT, "what was asked for"),
    ("canonical", Kind.TEXT, "what the page calls its own address"),
    ("title", Kind.TEXT, "the headline"),
    ("authors", Kind.TEXTS, "who wrote it"),
    ("published", Kind.TEXT, "as exactly as the page states it: day, minute or second, with its zone if it names one"),
    ("published_at", Kind.TIME, "the same in UTC; a day begins at 00:00, a time without a zone counts as UTC"),
    ("modified", Kind.TEXT, "when the page says that it was changed, as `published`"),
    ("first_seen", Kind.TIME, "when the article was first archived"),
    ("last_seen", Kind.TIME, "when it was last there"),
    ("captured_at", Kind.TIME, "when this version was fetched"),
    ("gone_at", Kind.TIME, "since when its page is gone"),
    ("language", Kind.TEXT, "of its text, such as `id`"),
    ("source", Kind.TEXT, "the source's name; nothing for what belongs to none"),
    ("site", Kind.TEXT, "what the site calls itself"),
    ("section", Kind.TEXT, "where it stands there"),
    ("tags", Kind.TEXTS, "the page's own"),
    ("description", Kind.TEXT, "the page's own summary"),
    ("image", Kind.TEXT, "the URL of its picture"),
    ("text", Kind.TEXT, "its paragraphs, a blank line between them"),
    ("marks", Kind.TEXTS, "such as `paywalled`, `live_blog`, `needs_review`; `noarchive`, `noai`, `tdm_reserved` where the page says so"),
    ("extractor", Kind.TEXT, "the version of the extractor that read it"),
    ("link_id", Kind.NUMBER, "its line in the ledger: `kliping explain link:N`"),
    ("capture_id", Kind.NUMBER, "the fetch it was read from"),
    ("status", Kind.NUMBER, "that answer's HTTP status"),
    ("warc_file", Kind.TEXT, "the WARC file that holds the answer"),
    ("warc_offset", Kind.NUMBER, "the first byte of its record there"),
    ("warc_length", Kind.NUMBER, "that record's bytes"),
    ("warc_sha256", Kind.TEXT, "of those bytes"),
    ("payload_sha256", Kind.TEXT, "of the body with all codings removed"),
    ("cluster", Kind.NUMBER, "the same for all articles with nearly the same text: the id of one of them; null for one without copies"),
)  # fmt: skip
_OF_DOCUMENT = ("authors", "language", "site", "section", "tags", "description", "image", "marks")  # fmt: skip


def values_of(told: Told) -> dict[str, Any]:
    """Return a version's values by column, in order; None where nothing is known."""
    document = told.document
    published = _moment(document.get("published"))
    known = {
        **told._asdict(),
        **{name: document.get(name) for name in _OF_DOCUMENT},
        "canonical": document.get("url"),
        "published": stated(published),
        "published_at": _utc(published),
        "modified": stated(_moment(document.get("modified"))),
    }
    return {field.name: known[field.name] for field in FIELDS}


def _moment(document: Mapping[str, Any] | None) -> Moment | None:
    if document is None:
        return None
    return Moment(
        at=datetime.fromisoformat(document["at"]),
        precision=Precision(document["precision"]),
        zone_stated=document["zone_stated"],
    )


def _utc(moment: Moment | None) -> datetime | None:
    """Return a moment in UTC; None if that is outside the calendar."""
    try:
        return moment.at.astimezone(UTC) if moment else None
    except OverflowError:
        return None
