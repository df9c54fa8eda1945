"""What a transaction touched, by link: a note speaks of one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from storage.notes.watching import Touched
from storage.sql.tables import ArticleRow, CaptureRow, VersionRow


@dataclass(slots=True)
class OfLink:
    """What a transaction touched of one link, by ids; `found` is as in Touched."""

    captures: list[int] = field(default_factory=list)
    article: int | None = None
    left: int | None = None
    versions: list[int] = field(default_factory=list)
    formers: list[tuple[str, int]] = field(default_factory=list)
    is_moved: bool = False
    found: Sequence[Mapping[str, Any]] = ()


def by_link(session: Session, known: Touched) -> Mapping[int, OfLink]:
    """Return what was touched, by the link that it is about."""
    links: defaultdict[int, OfLink] = defaultdict(OfLink)
    for key in sorted(known.captures):
        link_id = session.get_one(CaptureRow, key).link_id
        if link_id is not None:
            links[link_id].captures.append(key)
    for key in sorted(known.links):
        links[key].is_moved = True
    for list_id, said in known.found.items():
        if list_id is not None:
            links[list_id].found = said
    for key in sorted(known.articles):
        of_link = links[_link_of(session, key)]
        of_link.article, of_link.left = key, known.left.get(key)
    _add_versions(session, known, links)
    return links


def _add_versions(
    session: Session, known: Touched, links: defaultdict[int, OfLink]
) -> None:
    """Add the versions, each with its article."""
    formers = {key for _, key in known.formers}
    articles = {key: _article_of(session, key) for key in known.versions | formers}
    for key in sorted(known.versions):
        of_link = links[_link_of(session, articles[key])]
        of_link.article = articles[key]
        of_link.versions.append(key)
    for run, key in sorted(known.formers):
        links[_link_of(session, articles[key])].formers.append((run, key))


def _link_of(session: Session, article_id: int) -> int:
    return session.get_one(ArticleRow, article_id).link_id


def _article_of(session: Session, version_id: int) -> int:
    return session.get_one(VersionRow, version_id).article_id
