"""Exports for their command: what is asked for, streamed to where it is to go."""

import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sqlmodel import Session

from crawler import __version__
from crawler.cli.lookup import source_named
from crawler.cli.output import on_terminal, print_text
from crawler.cli.reading import reading
from crawler.cli.target import refuse_standing, whole_file
from crawler.config import Config
from crawler.errors import UsageError
from crawler.exports.book import write_book
from crawler.exports.forms import Form
from crawler.exports.shown import shown_by
from crawler.exports.tables import write_csv, write_json_lines, write_parquet
from crawler.exports.texts import write_markdown
from crawler.exports.wacz import write_wacz
from crawler.exports.warcs import Bundle, write_warc
from crawler.service import Reader, fetch_limits, utc_now
from storage.exports import Export, note_export, ranges_of
from storage.sql.selection import (
    Told,
    Wanted,
    all_versions,
    hold_moment,
    standing,
    wanted_ids,
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported: which articles, as what, where to.

    Attributes:
        wanted: Which articles.
        form: As what.
        out: A file, or a folder; None is stdout.
        versions: Every version, not only the one that stands.
        force: What is there already is written over.
    """

    wanted: Wanted
    form: Form
    out: Path | None
    versions: bool = False
    force: bool = False


@dataclass(slots=True, kw_only=True)
class Done:
    """What an export came to: articles, what they were written as, what was left out."""

    articles: int
    written: int = 0
    damages: tuple[str, ...] = ()


def write_export(config: Config, order: Order, progress: Progress) -> Done:
    """Write an export.

    Raises:
        UsageError: it cannot go there, or there is no such source.
        BadQuery: the query cannot be read.
        StorageError: something cannot be read or written.
    """
    _refuse(order)
    with reading(config) as (reader, session):
        if order.wanted.source is not None:
            source_named(session, order.wanted.source)
        hold_moment(session)
        ids = wanted_ids(session, order.wanted)
        note_export(reader.folder, _note(order, ids))
        done = Done(articles=len(ids))
        told = _counted(_told(session, ids, order), len(ids), done, progress)
        _write(reader, session, order, told, done)
    return done


def _refuse(order: Order) -> None:
    if order.out is None:
        if not order.form.is_stream:
            raise UsageError(f"{order.form} is no stream: name a place with --out PATH")
        if order.form is Form.WARC and on_terminal():
            raise UsageError("a WARC file is nothing for a terminal: --out FILE")
    elif not order.force:
        refuse_standing(order.out)


def _note(order: Order, ids: "array[int]") -> Export:
    return Export(
        made_at=utc_now(),
        form=order.form,
        path=str(order.out.resolve()) if order.out else "-",
        wanted=order.wanted,
        articles=len(ids),
        ranges=ranges_of(ids),
    )


def _told(session: Session, ids: "array[int]", order: Order) -> Iterator[Told]:
    return all_versions(session, ids) if order.versions else standing(session, ids)


def _counted(
    told: Iterator[Told], articles: int, done: Done, progress: Progress
) -> Iterator[Told]:
    """Pass versions on; tell how many articles are begun."""
    begun = last = 0
    for one in told:
        begun += one.id != last
        last = one.id
        done.written += 1
        yield one
        progress(begun, articles)


def _write(
    reader: Reader, session: Session, order: Order, told: Iterator[Told], done: Done
) -> None:
    if order.form is Form.MARKDOWN and order.out is not None:
        order.out.mkdir(parents=True, exist_ok=True)
        write_markdown(told, order.out, many=order.versions)
        return
    with _target(order.out) as out:
        match order.form:
            case Form.JSONL:
                write_json_lines(told, out)
            case Form.CSV:
                write_csv(told, out)
            case Form.PARQUET:
                write_parquet(told, out)
            case Form.EPUB:
                write_book(told, out, title=_title(order), made_at=utc_now())
            case _:
                bundle = Bundle(
                    title=_title(order),
                    software=f"Kliping/{__version__}",
                    operator=_operator(reader.config),
                    made_at=utc_now(),
                )
                write = write_warc if order.form is Form.WARC else write_wacz
                limits = fetch_limits(reader.config)
                shown = shown_by(reader.folder, limits, session)
                done.written, done.damages = write(
                    reader.folder, session, told, out, bundle, shown
                )


@contextmanager
def _target(path: Path | None) -> Iterator[BinaryIO]:
    if path is not None:
        with whole_file(path) as file:
            yield file
    elif on_terminal():
        yield cast("BinaryIO", _Screen())
    else:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


class _Screen:
    """A terminal, which no text of a page may drive."""

    def write(self, data: bytes) -> None:
        print_text(data.decode().rstrip("\r\n"))


def _title(order: Order) -> str:
    wanted = order.wanted
    said = (
        wanted.query,
        wanted.source,
        wanted.language,
        f"since {wanted.since:%Y-%m-%d}" if wanted.since else None,
        f"until {wanted.until:%Y-%m-%d}" if wanted.until else None,
    )
    return ", ".join(filter(None, said)) or "All articles"


def _operator(config: Config) -> str:
    return config.identity.contact or config.identity.name
