"""Exports for their command: streamed to where they are to go."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from crawler.cli.lookup import source_named
from crawler.cli.output import on_terminal, print_text
from crawler.cli.reading import reading
from crawler.cli.target import refuse_standing, whole_file
from crawler.config import Config
from crawler.errors import UsageError
from crawler.exports.forms import Form
from crawler.exports.writing import Done, Order, Progress, begin_export
from crawler.service import utc_now


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
            source_named(session, order.wanted.source)
        path = str(out.resolve()) if out else "-"
        begun = begin_export(reader, session, order, path, utc_now())
        if order.form is Form.MARKDOWN and out is not None:
            return begun.write_into(out, progress)
        with _target(out) as file:
            return begun.write(file, progress)


def _refuse(form: Form, out: Path | None, *, force: bool) -> None:
    if out is None:
        if not form.is_stream:
            raise UsageError(f"{form} is no stream: name a place with --out PATH")
        if form is Form.WARC and on_terminal():
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
