"""What one reader believes: raw strings by field, each with its origin."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from storage.model.article import Claim


class Field(StrEnum):
    """What a claim is about."""

    TITLE = "title"
    AUTHOR = "authors"
    PUBLISHED = "published"
    MODIFIED = "modified"
    SITE = "site"
    SECTION = "section"
    TAG = "tags"
    IMAGE = "image"
    DESCRIPTION = "description"
    CANONICAL = "url"
    INTERFACE = "interface_language"
    BODY = "body"
    FREE = "free"
    KIND = "kind"
    VIEWS = "views"
    COMMENTS = "comments"
    SHARES = "shares"
    LIKES = "likes"
    SERIES = "series"
    EPISODE = "episode"


class Witness(NamedTuple):
    """One claim about one field."""

    field: Field
    claim: Claim


Draft = tuple[Witness, ...]


def witness(field: Field, origin: str, raw: str) -> Witness:
    """Return a claim with its value tidied: white space collapsed."""
    return Witness(field, Claim(origin=origin, raw=raw, value=" ".join(raw.split())))


def of_field(draft: Iterable[Witness], field: Field) -> list[Claim]:
    """Return the claims about a field, in order."""
    return [w.claim for w in draft if w.field is field]
