"""Exports for their command: streamed to where they are to go."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from crawler.bulk.reading import Read
from crawler.bulk.running import Runner, read_shards
from crawler.bulk.shards import Shard, foreign_orders
from crawler.bulk.shelf import Shelf
from crawler.cli.lookup import known_source
from crawler.cli.output import on_terminal, print_text
from crawler.cli.reading import reading
from crawler.cli.target import refuse_standing, whole_file
from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.exports.forms import ExportForm
from crawler.exports.writing import Done, Order, Progress, begin_export


def write_export(
    config: Config, order: Order, out: Path | None, progress: Progress, *, force: bool
) -> Done:
    """Write an export.

    Args:
        config: The settings.
        order: What is to be exported.
        out: A file, or a folder; None is stdout.
        progress: Told how far it is.
        force: What is there already is written over.

    Raises:
        UsageError: it cannot go there, or there is no such source.
        BadQuery: the query cannot be read.
        StorageError: something cannot be read or written.
    """
    _refuse(order.form, out, force=force)
    with reading(config) as (reader, session):
        if order.wanted.source is not None:
            known_source(session, order.wanted.source)
        path = str(out.resolve()) if out else "-"
        begun = begin_export(reader, session, order, path, utc_now())
        if order.form is ExportForm.MARKDOWN and out is not None:
            return begun.write_into(out, progress)
        with _target(out) as file:
            return begun.write(file, progress)


@dataclass(slots=True, kw_only=True)
class ShardsDone:
    """What an export of WARC files came to: files, pages, and what was not read."""

    files: int = 0
    pages: int = 0
    troubles: list[str] = field(default_factory=list)


def export_shards(
    config: Config,
    shards: Sequence[Shard],
    out: Path,
    runner: Runner,
    progress: Progress,
) -> ShardsDone:
    """Read WARC files into a folder, a Parquet file each; the archive is not asked.

    What is there of an earlier time, and is of the same file, is not read again.

    Raises:
        UsageError: the files cannot be read that way.
        OSError: the folder cannot be made.
    """
    orders = foreign_orders(config, shards, Shelf(place=str(out.resolve())))
    done = ShardsDone()
    with closing(read_shards(orders, runner)) as ended:
        for count, one in enumerate(ended, 1):
            progress(count, len(orders))
            if one.read is None:
                done.troubles.append(f"{one.order.shard}: {one.why}")
                continue
            done.files += 1
            done.pages += one.read.pages
            done.troubles += _troubles_of(one.order.shard, one.read)
    return done


def _troubles_of(shard: str, read: Read) -> Iterator[str]:
    if read.failed:
        yield f"{shard}: {read.failed} of {read.pages} pages were not read"
    if read.damaged:
        yield f"{shard}: damaged places: {read.damaged}, the first {read.first_damage}"


def _refuse(form: ExportForm, out: Path | None, *, force: bool) -> None:
    if out is None:
        if not form.is_stream:
            raise UsageError(f"{form} is no stream: name a place with --out PATH")
        if form is ExportForm.WARC and on_terminal():
            raise UsageError("a WARC file is nothing for a terminal: --out FILE")
    elif not force:
        refuse_standing(out)


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
