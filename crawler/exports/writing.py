"""Write an export: what is asked for, streamed to a file or into a folder."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from crawler import __version__
from crawler.clock import utc_now
from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.exports.book import write_book
from crawler.exports.forms import ExportForm
from crawler.exports.shown import shown_by
from crawler.exports.tables import write_csv, write_json_lines, write_parquet
from crawler.exports.texts import write_markdown, write_markdown_zip
from crawler.exports.wacz import write_wacz
from crawler.exports.warcs import Bundle, write_warc
from crawler.kept.reader import Reader
from storage.exports import Export, note_export, ranges_of
from storage.sql.selection import (
    Told,
    Wanted,
    all_versions,
    hold_moment,
    standing,
    wanted_ids,
)

#: Told how many articles are begun, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported: which articles, as what.

    Attributes:
        wanted: Which articles.
        form: As what.
        versions: Every version, not only the one that stands.
    """

    wanted: Wanted
    form: ExportForm
    versions: bool = False


@dataclass(slots=True, kw_only=True)
class Done:
    """What an export came to: articles, what they were written as, what was left out."""

    articles: int
    written: int = 0
    damages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An export of one moment's articles.

    Attributes:
        reader: The archive.
        session: It sees that moment.
        order: What is asked for.
        ids: The articles.
    """

    reader: Reader
    session: Session
    order: Order
    ids: "array[int]"

    def write(self, out: BinaryIO, progress: Progress) -> Done:
        """Write it to a file; Markdown as a ZIP file of files.

        Raises:
            UsageError: the format needs what is not installed.
            StorageError: something cannot be read or written.
        """
        done = Done(articles=len(self.ids))
        self._write(self._told(done, progress), out, done)
        return done

    def write_into(self, folder: Path, progress: Progress) -> Done:
        """Write it as Markdown into a folder."""
        done = Done(articles=len(self.ids))
        folder.mkdir(parents=True, exist_ok=True)
        told = self._told(done, progress)
        write_markdown(told, folder, many=self.order.versions)
        return done

    def _told(self, done: Done, progress: Progress) -> Iterator[Told]:
        select = all_versions if self.order.versions else standing
        return _counted(select(self.session, self.ids), len(self.ids), done, progress)

    def _write(self, told: Iterator[Told], out: BinaryIO, done: Done) -> None:
        reader = self.reader
        match self.order.form:
            case ExportForm.JSONL:
                write_json_lines(told, out)
            case ExportForm.CSV:
                write_csv(told, out)
            case ExportForm.PARQUET:
                write_parquet(told, out)
            case ExportForm.MARKDOWN:
                write_markdown_zip(told, out, many=self.order.versions)
            case ExportForm.EPUB:
                write_book(told, out, title=_title(self.order), made_at=utc_now())
            case form:
                bundle = Bundle(
                    title=_title(self.order),
                    software=f"Kliping/{__version__}",
                    operator=_operator(reader.config),
                    made_at=utc_now(),
                )
                write = write_warc if form is ExportForm.WARC else write_wacz
                limits = fetch_limits(reader.config)
                shown = shown_by(reader.folder, limits, self.session)
                done.written, done.damages = write(
                    reader.folder, self.session, told, out, bundle, shown
                )


def begin_export(
    reader: Reader, session: Session, order: Order, path: str, now: datetime
) -> Begun:
    """Choose an export's articles as they stand now, and note that it is made.

    Args:
        reader: The archive.
        session: It sees this moment from now on.
        order: What is asked for.
        path: Where it goes, for the note; `-` is stdout.
        now: Current time, UTC.

    Raises:
        BadQuery: the query cannot be read.
        StorageError: it cannot be noted.
    """
    hold_moment(session)
    ids = wanted_ids(session, order.wanted)
    note = Export(
        made_at=now,
        form=order.form,
        path=path,
        wanted=order.wanted,
        articles=len(ids),
        ranges=ranges_of(ids),
    )
    note_export(reader.folder, note)
    return Begun(reader=reader, session=session, order=order, ids=ids)


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
