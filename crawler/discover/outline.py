"""A site as a file of sites lists it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A site in a file, as it says; `place` is where, such as `line 3`."""

    place: str
    name: str = ""
    home: str = ""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The sites of a file; `unread` names columns of a table that say nothing to us."""

    outlines: tuple[Outline, ...]
    unread: tuple[str, ...] = ()
