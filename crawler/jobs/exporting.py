"""An export as a job: into a file of its own, and it can be stopped. Blocking."""

import importlib.util
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from threading import Event
from typing import Any

from pydantic import TypeAdapter

from crawler.errors import UsageError
from crawler.exports.forms import ExportForm
from crawler.exports.writing import Order, begin_export
from crawler.jobs.files import new_file, place_of
from crawler.service.service import Service
from storage.sql.jobs import Job, JobState, Outcome, job_bytes

_ORDER = TypeAdapter(Order)
#: Seconds between two notes of how far it is.
_NOTE_EVERY = 1.0
_SUFFIXES = {ExportForm.MARKDOWN: "zip", ExportForm.WARC: "warc.gz"}


class Stopped(Exception):  # it says what happened
    """Somebody stopped it."""


def order_document(order: Order) -> dict[str, Any]:
    """Return an order as JSON values."""
    document: dict[str, Any] = _ORDER.dump_python(order, mode="json")
    return document


def read_order(document: Mapping[str, Any]) -> Order:
    """Return the order that a document was made of."""
    return _ORDER.validate_python(document)


def refuse_unwritable(form: ExportForm) -> None:
    """Raise UsageError for a format that needs what is not installed."""
    if form is ExportForm.PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise UsageError("Parquet needs pyarrow: pip install 'kliping[parquet]'")


def write_export(
    service: Service, job: Job, stop: Event, note: Callable[[int, int], None]
) -> Outcome:
    """Write the export that a job is; return what came of it.

    Args:
        service: The archive.
        job: The job.
        stop: Set when it is to be stopped.
        note: Told how far it is, once in a while.

    Raises:
        Stopped: it was.
        UsageError, StorageError: it cannot be written.
    """
    order = read_order(job.wanted)
    name = f"{job.id}.{_SUFFIXES.get(order.form, order.form)}"
    path = place_of(service.folder, name)
    noted = time.monotonic()

    def progress(begun: int, total: int) -> None:
        nonlocal noted
        if stop.is_set():
            raise Stopped
        if time.monotonic() - noted > _NOTE_EVERY:
            noted = time.monotonic()
            note(begun, total)

    with service.session() as session:
        most = service.config.service.job_space - job_bytes(session)
        begun = begin_export(service, session, order, str(path), service.means.now())
        with new_file(path, most=most, is_full=service.means.is_disk_full) as file:
            done = begun.write(file, progress)
    note(done.articles, done.articles)
    return Outcome(
        state=JobState.DONE,
        result=asdict(done) | {"units": order.form.units},
        file=name,
        size=path.stat().st_size,
    )
