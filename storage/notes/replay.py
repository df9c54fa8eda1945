"""Put rows back as notes say, in the order of their numbers, once captures are there.

Rows are found by what outlives their ids: links by key, captures by place, articles by
their link, or the one that they went on from, versions by number, sources and runs by name. What a note refers to and is
not there (its record was erased, or is damaged) is left out and counted.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, func, select

from storage.documents import read_document
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.notes.record import moment
from storage.sql.ledger import add_hosts, note_alias
from storage.sql.sources import FROM_CONFIG, REMOVED, find_source
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    ErasureRow,
    FormerVersionRow,
    LinkRow,
    PartRow,
    ReextractionRow,
    SourceRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
)

Said = Mapping[str, Any]
Row = TypeVar("Row", bound=SQLModel)
#: How the keys begin of links of which nothing is left.
_ERASED = f"{LinkState.ERASED}:"
#: When a link was found of which only captures speak.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_LEDGER = ("kind", "state", "reason", "title", "blurb", "ways", "withheld")


class Replay:
    """Notes put back through one session.

    Attributes:
        lacking: Counts what they refer to in vain.
        erased: Places of tombstones: what is not there was erased, or kept anew.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        """Take a session; the caller commits."""
        self.lacking: Counter[str] = Counter()
        self.erased: set[tuple[str, int]] = set()
        self._moved: dict[int, str] = {}
        self._session = session
        self._now = now

    def put(
        self, said: Said, refers_to: str | None = None
    ) -> tuple[int | None, int | None]:
        """Put back what a note says; return its link and its version, if it has them.

        `refers_to` is the id of the record that it was made from.
        """
        whole: dict[str, Callable[[Said], None]] = {
            "source": self._put_source,
            "run": self._put_run,
            "takedown": self._put_takedown,
        }
        for name, put in whole.items():
            if name in said:
                put(said[name])
        link = self._put_link(said["link"]) if "link" in said else None
        for found in said.get("found", ()):
            self._put_found(found, link)
        if link is None:
            return None, None
        for capture in said.get("captures", ()):
            self._put_capture(capture, link)
        article = (
            self._put_article(said["article"], link) if "article" in said else None
        )
        version = None
        if "version" in said:
            version = self._put_version(said["version"], article, link)
            self._note_moved(said["version"], version, refers_to)
        if "former" in said:
            version = self._put_former(said["former"], link)
        return link.id, version

    def follow_moved(self) -> None:
        """Give versions their captures that were kept anew, elsewhere; once all is read.

        That happens where what they repeated was erased. The record's id stays.
        """
        for version_id, record in self._moved.items():
            known = select(CaptureRow.id).where(CaptureRow.record_id == record)
            version = self._session.get(VersionRow, version_id)
            if version is not None and version.capture_id is None:
                version.capture_id = self._session.exec(known).first()
        self._session.flush()

    def link(self, key: str, url: str, host: str) -> LinkRow:
        """Return a link, entered as an article's that was fetched if it is new.

        It is undated until a note speaks of it.
        """
        row = self._session.exec(select(LinkRow).where(LinkRow.key == key)).first()
        if row is not None:
            return row
        add_hosts(self._session, {host}, self._now)
        values = {
            "host": host,
            "url": url,
            "key": key,
            "kind": LinkKind.ARTICLE,
            "state": LinkState.WAITING,
            "found_at": UNDATED,
        }
        return self._put(LinkRow, None, values)

    def _put_link(self, said: Said) -> LinkRow | None:
        if "url" not in said:
            known = select(LinkRow).where(LinkRow.key == said["key"])
            row = self._session.exec(known).first()
            is_erased = said["key"].startswith(_ERASED)
            self.lacking["link"] += row is None and not is_erased
            return row
        row = self.link(said["key"], said["url"], said["host"])
        for name in _LEDGER:
            setattr(row, name, said[name])
        row.guid = said.get("guid")  # none before 0046
        row.published = moment(said["published"])
        row.found_at = moment(said["found_at"]) or row.found_at
        row.source_id = self._source(said["source"], row.host)
        row.found_on = self._link_id(said["found_on"])
        self._session.flush()
        note_alias(self._session, row.id or 0, self._link_id(said["alias_of"]))
        return row

    def _put_found(self, said: Said, on: LinkRow | None) -> None:
        known = select(LinkRow).where(
            LinkRow.key == said["key"], LinkRow.found_at != UNDATED
        )
        if self._session.exec(known).first() is not None:
            return
        row = self.link(said["key"], said["url"], said["host"])
        row.kind, row.ways = said["kind"], said["ways"]
        row.state, row.reason = said["state"], said["reason"]
        row.published = moment(said["published"])
        row.found_at = moment(said["found_at"]) or row.found_at
        if on is not None:
            row.found_on, row.source_id = on.id, on.source_id
        elif "source" in said:
            row.source_id = self._source(said["source"], said["host"])
        self._session.flush()

    def _put_capture(self, said: Said, link: LinkRow) -> None:
        row = self._capture([said["segment"], said["offset"]])
        if row is None:
            return
        row.link_id, row.elapsed_ms = link.id, said["elapsed_ms"]
        row.verdict, row.evidence = said["verdict"], said["evidence"]
        row.extracted_at = moment(said["read_at"])
        self._session.flush()

    def _put_article(self, said: Said, link: LinkRow) -> ArticleRow:
        row = self._article(link) or self._moved_article(said, link)
        values = {
            "key": said["key"],
            "source_id": self._source(said["source"], link.host),
            "first_seen": moment(said["first_seen"]),
            "last_seen": moment(said["last_seen"]),
            "state": said["state"],
            "gone_at": moment(said["gone_at"]),
        }
        if row is None:
            is_free = self._session.get(ArticleRow, said["id"]) is None
            values |= {"id": said["id"] if is_free else self._next_article()}
            values |= {"link_id": link.id}
            values |= {"url": link.url, "title": "", "authors": []}
        return self._put(ArticleRow, row, values)

    def _put_version(
        self, said: Said, article: ArticleRow | None, link: LinkRow
    ) -> int | None:
        article = article or self._article(link)
        if article is None:
            self.lacking["article"] += 1
            return None
        capture = self._capture(said["capture"]) if said["capture"] else None
        values = {
            "article_id": article.id,
            "number": said["number"],
            "capture_id": capture.id if capture is not None else None,
            "captured_at": moment(said["captured_at"]),
            **_text(said),
        }
        known = self._version(article, said["number"])
        row = self._put(VersionRow, known, values)
        self._put_parts(row.id or 0, said["parts"])
        return row.id

    def _note_moved(
        self, said: Said, version_id: int | None, refers_to: str | None
    ) -> None:
        place = said["capture"]
        if version_id and refers_to and place and tuple(place) in self.erased:
            self._moved[version_id] = refers_to

    def _put_parts(self, version_id: int, places: list[list[Any]]) -> None:
        self._session.exec(delete(PartRow).where(col(PartRow.version_id) == version_id))
        for number, place in enumerate(places, 2):
            part = self._capture(place)
            if part is not None and part.id is not None:
                self._session.add(
                    PartRow(version_id=version_id, number=number, capture_id=part.id)
                )
        self._session.flush()

    def _put_former(self, said: Said, link: LinkRow) -> int | None:
        article = self._article(link)
        version = self._version(article, said["number"]) if article else None
        run = self._session.get(ReextractionRow, said["run"])
        if version is None or run is None:
            self.lacking["version"] += 1
            return None
        values = {
            "run": run.name,
            "version_id": version.id,
            "promoted_sha256": said["promoted_sha256"],
            **_text(said),
        }
        known = self._session.get(FormerVersionRow, (run.name, version.id))
        self._put(FormerVersionRow, known, values)
        return version.id

    def _put_run(self, said: Said) -> None:
        values = {
            "name": said["name"],
            "promoted_at": moment(said["promoted_at"]),
            "rolled_back_at": moment(said["rolled_back_at"]),
            "versions": said["versions"],
        }
        known = self._session.get(ReextractionRow, said["name"])
        row = self._put(ReextractionRow, known, values)
        if row.rolled_back_at is not None:
            of_run = col(FormerVersionRow.run) == row.name
            self._session.exec(delete(FormerVersionRow).where(of_run))

    def _put_source(self, said: Said) -> None:
        row = find_source(self._session, said["name"])
        row = row or find_source(self._session, said["was"] or said["name"])
        if row is not None and row.origin == FROM_CONFIG and row.state != REMOVED:
            return  # config.yaml has it as it is now
        names = ("name", "home", "language", "state", "origin", "settings")
        values = {name: said[name] for name in names}
        values["created_at"] = moment(said["created_at"])
        self._put(SourceRow, row, values)

    def _put_takedown(self, said: Said) -> None:
        tables: dict[str, type[SQLModel]] = {
            "takedowns": TakedownRow,
            "targets": TakedownTargetRow,
            "erasures": ErasureRow,
        }
        for name, table in tables.items():
            for values in said[name]:
                self._session.merge(table.model_validate(values))
            self._session.flush()

    def _source(self, name: str | None, host: str) -> int | None:
        """Return a source's id by its name; one that nobody lists any more is removed."""
        if name is None:
            return None
        row = find_source(self._session, name)
        values = {
            "name": name,
            "home": f"https://{host}/",
            "state": REMOVED,
            "settings": {},
            "created_at": self._now,
        }
        return (row or self._put(SourceRow, None, values)).id

    def _put(self, table: type[Row], row: Row | None, values: dict[str, Any]) -> Row:
        """Change a row, or add one."""
        if row is None:
            row = table(**values)
            self._session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        self._session.flush()
        return row

    def _link_id(self, key: str | None) -> int | None:
        if key is None:
            return None
        return self._session.exec(select(LinkRow.id).where(LinkRow.key == key)).first()

    def _capture(self, place: list[Any]) -> CaptureRow | None:
        at = select(CaptureRow).where(
            CaptureRow.segment == place[0], CaptureRow.offset == place[1]
        )
        row = self._session.exec(at).first()
        self.lacking["capture"] += row is None and tuple(place) not in self.erased
        return row

    def _article(self, link: LinkRow) -> ArticleRow | None:
        known = select(ArticleRow).where(ArticleRow.link_id == link.id)
        return self._session.exec(known).first()

    def _moved_article(self, said: Said, link: LinkRow) -> ArticleRow | None:
        """Return an article that went on under a link from another one, if it did."""
        known = select(ArticleRow).join(LinkRow, col(LinkRow.id) == ArticleRow.link_id)
        left = known.where(LinkRow.key == said.get("moved_from"))
        row = self._session.exec(left).first()
        if row is not None:
            row.first_link = row.first_link or row.link_id
            row.link_id = link.id or 0
        return row

    def _next_article(self) -> int:
        """Return an id that is free: the database's own count knows none that was said."""
        return (self._session.exec(select(func.max(ArticleRow.id))).one() or 0) + 1

    def _version(self, article: ArticleRow, number: int) -> VersionRow | None:
        known = select(VersionRow).where(
            VersionRow.article_id == article.id, VersionRow.number == number
        )
        return self._session.exec(known).first()


def _text(said: Said) -> dict[str, Any]:
    """Return what a version and a former one have alike."""
    article = read_document(said["document"])
    names = ("change", "story_sha256", "extractor", "document")
    return {
        "title": article.title,
        "text": article.text,
        **{name: said[name] for name in names},
    }
