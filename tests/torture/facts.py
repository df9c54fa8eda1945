"""All rows of an archive by what outlives their ids, to compare two databases."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, SQLModel, select

from storage.model.record import RecordKind
from storage.sql.engine import reading_engine
from storage.sql.rowsums import RowSum, sum_of
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    DayRow,
    ErasureRow,
    FormerVersionRow,
    LinkRow,
    PartRow,
    RecordRow,
    ReextractionRow,
    SearchRow,
    SegmentRow,
    SourceRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
)

TABLES: tuple[type[SQLModel], ...] = (
    SegmentRow,
    CaptureRow,
    SourceRow,
    LinkRow,
    ArticleRow,
    VersionRow,
    PartRow,
    SearchRow,
    ReextractionRow,
    FormerVersionRow,
    RecordRow,
    TakedownRow,
    TakedownTargetRow,
    ErasureRow,
    DayRow,
)
#: What is learned again, or says when the database itself was made.
RELEARNED: Mapping[type[SQLModel], frozenset[str]] = {
    LinkRow: frozenset(
        [
            "next_run",
            "haste",
            "interval_s",
            "rhythm",
            "pull",
            "attempts",
            "failures",
            "etag",
            "last_modified",
            "full_at",
            "validators_lied_at",
            "robots_line",
            "reason",
        ]
    ),
    SourceRow: frozenset(
        {"created_at", "tally", "boost_until", "paused_at", "resumed_at"}
    ),
    SegmentRow: frozenset({"sealed_at"}),
    TakedownTargetRow: frozenset({"refused"}),
}
Facts = dict[str, dict[Any, dict[str, Any]]]


def facts(url: str) -> Facts:
    """Return all rows of a database, by what outlives their ids."""
    engine = reading_engine(url)
    with Session(engine) as session:
        names = _names(session)
        found = {
            str(table.__tablename__): dict(
                _fact(row, names)
                for row in session.exec(select(table)).all()
                if _is_left(row)
            )
            for table in TABLES
        }
    engine.dispose()
    return found


def without_nodes(known: Facts) -> Facts:
    """Return rows without whose they are: a file has one node, and it has no name."""
    left = {name: rows for name, rows in known.items() if name != "day"}
    segments = {
        key: {name: value for name, value in row.items() if name != "node"}
        for key, row in known["segment"].items()
    }
    return left | {"segment": segments}


def hashes(known: Facts) -> dict[str, RowSum]:
    """Return a hash of each table's rows, made as those of copies are."""
    return {
        table: sum_of(
            repr((key, sorted(row.items()))).encode() for key, row in rows.items()
        )
        for table, rows in known.items()
    }


def differences(before: Facts, after: Facts) -> list[str]:
    """Return what is not equal: the row, the column, what it was and is."""
    wrong = []
    for table, rows in before.items():
        for key in rows.keys() | after[table].keys():
            was, now = rows.get(key, {}), after[table].get(key, {})
            wrong += [
                f"{table} {key}.{name}: {was.get(name)!r} is {now.get(name)!r}"
                for name in was.keys() | now.keys()
                if was.get(name) != now.get(name)
            ]
    return sorted(wrong)


def _names(session: Session) -> dict[str, dict[Any, Any]]:
    """Return for each kind of id what outlives it."""
    links = {row.id: _lasting(row.key) for row in session.exec(select(LinkRow))}
    articles = {row.id: links[row.link_id] for row in session.exec(select(ArticleRow))}
    captures = {
        row.id: (row.segment, row.offset) for row in session.exec(select(CaptureRow))
    }
    versions = {
        row.id: (articles[row.article_id], row.number)
        for row in session.exec(select(VersionRow))
    }
    sources = {row.id: row.name for row in session.exec(select(SourceRow))}
    return {
        "link_id": links,
        "page_link_id": links,
        "found_on": links,
        "first_link": links,
        "alias_of": links,
        "article_id": articles,
        "capture_id": captures,
        "revisit_of": captures,
        "rendered_from": captures,
        "version_id": versions,
        "source_id": sources,
    }


_KEYS: Mapping[str, tuple[str, ...]] = {
    "segment": ("name",),
    "capture": ("segment", "offset"),
    "source": ("name",),
    "link": ("key",),
    "article": ("link_id",),
    "version": ("article_id", "number"),
    "version_part": ("version_id", "number"),
    "search_text": ("article_id",),
    "reextraction": ("name",),
    "former_version": ("run", "version_id"),
    "record": ("segment", "offset"),
    "takedown": ("name",),
    "takedown_target": ("takedown", "key_sha256"),
    "erasure": ("segment", "offset"),
    "day": ("node", "day"),
}


def _fact(
    row: SQLModel, names: dict[str, dict[Any, Any]]
) -> tuple[Any, dict[str, Any]]:
    values = {
        name: names[name].get(value) if name in names else value
        for name, value in row.model_dump().items()
        if name not in RELEARNED.get(type(row), ())
        and not (name == "id" and not _keeps_its_id(row))
    }
    if isinstance(row, CaptureRow) and row.verdict is None:
        del values["extracted_at"]  # a list's: only whether it is read again counts
    key = tuple(values[name] for name in _KEYS[str(row.__tablename__)])
    return key, values


def _lasting(key: str) -> str | None:
    """Return a link's key; None for one of which nothing is left to be made again of."""
    return None if key.startswith("erased:") else key


def _is_left(row: SQLModel) -> bool:
    keyed = isinstance(row, LinkRow | ArticleRow)
    return not keyed or _lasting(row.key) is not None


def _keeps_its_id(row: SQLModel) -> bool:
    """Tell of articles, which are named by their ids, and of notes, whose number it is."""
    is_note = isinstance(row, RecordRow) and row.kind == RecordKind.NOTE
    return is_note or isinstance(row, ArticleRow)
