"""Run jobs: a few at once; what a process leaves undone, the next one begins again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter
from sqlmodel import Session

from crawler.errors import CrawlError, TooManyJobs, UsageError
from crawler.jobs.exporting import Stopped, write_export
from crawler.jobs.files import remove_files, remove_others
from crawler.ondemand import Archived, archive_one
from crawler.service.service import Service
from crawler.troubles import Trouble, problem_document, problem_of, trouble_of_link
from crawler.urls import fetch_url
from storage.errors import StorageError
from storage.sql.answers import forget_answers, release_unanswered
from storage.sql.jobs import (
    Job,
    JobKind,
    JobState,
    Outcome,
    add_job,
    begin_job,
    find_job,
    finish_job,
    forget_jobs,
    list_jobs,
    note_progress,
    open_jobs,
    outlived_jobs,
)
from storage.writer import Tx

log = structlog.get_logger("crawler")

#: How long a job, its file, and an answer to an idempotency key are kept.
KEPT = timedelta(hours=24)
#: How long a fetch waits for its host's turn.
PATIENCE = timedelta(minutes=10)
#: A job that takes the process down with it is not begun for ever.
MOST_TRIES = 3
#: Jobs, and fetches that are waited for, that are open at once.
MOST_OPEN = 500
_AT_ONCE = {JobKind.FETCH: 32, JobKind.EXPORT: 2}
_MOST_KEPT = 10_000
_ARCHIVED = TypeAdapter(Archived)
_INTERRUPTED = UsageError(
    f"it was interrupted {MOST_TRIES} times by the end of the service; ask again"
)


T = TypeVar("T")


@dataclass
class _Running:
    """A job that this process works at."""

    kind: JobKind
    task: asyncio.Task[None]
    stop: Event
    is_begun: bool = False


class Jobs:
    """Works at what was asked for."""

    def __init__(self, service: Service) -> None:
        """Work for a service."""
        self._service = service
        self._slots = {kind: asyncio.Semaphore(n) for kind, n in _AT_ONCE.items()}
        self._running: dict[int, _Running] = {}
        self._fetches: set[asyncio.Task[Archived]] = set()
        self._is_closing = False

    async def take_up(self) -> None:
        """Begin again what an earlier process left undone; remove its torn files."""
        await self._write(lambda tx: release_unanswered(tx.session))
        jobs = await self._read(open_jobs)
        kept = await self._read(lambda session: list_jobs(session, limit=_MOST_KEPT))
        names = {job.file for job in kept if job.file}
        await asyncio.to_thread(remove_others, self._service.folder, names)
        for job in jobs:
            if job.tries >= MOST_TRIES:
                await self._finish(job, _failed(problem_of(_INTERRUPTED)))
            else:
                self._begin(job)

    async def fetch(
        self, url: str, wanted: Mapping[str, Any], owner: str, wait: timedelta
    ) -> Archived | Job:
        """Fetch a URL and archive it; what takes longer than `wait` becomes a job.

        Raises:
            BadUrl: not a URL that may be fetched.
            TakenDown: it was excluded or erased.
            TooManyJobs: as much is worked at as may be.
            StorageError: nothing can be kept now.
        """
        fetch_url(url)
        self._refuse_more()
        task = asyncio.create_task(self._archive(url), name=f"fetch {url[:100]}")
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)
        done, _ = await asyncio.wait({task}, timeout=wait.total_seconds())
        if done:
            return task.result()
        job = await self._write(
            lambda tx: add_job(tx.session, JobKind.FETCH, wanted, owner, self._now())
        )
        told = self._begin(job, partial(_outcome_of, task))
        told.add_done_callback(lambda _: task.cancel())  # cancelled before it listened
        return job

    async def export(self, wanted: Mapping[str, Any], owner: str) -> Job:
        """Begin an export (`exporting.order_document`) as a job.

        Raises:
            TooManyJobs: as much is worked at as may be.
        """
        self._refuse_more()
        job = await self._write(
            lambda tx: add_job(tx.session, JobKind.EXPORT, wanted, owner, self._now())
        )
        self._begin(job)
        return job

    async def remove(self, job_id: int) -> Job | None:
        """Cancel a job, or forget one that has ended with its file; return it.

        None where there is none.
        """
        outcome = Outcome(state=JobState.CANCELLED)

        def end(tx: Tx) -> Job | None:
            if not finish_job(tx.session, job_id, outcome, self._now()):
                found = find_job(tx.session, job_id)
                forget_jobs(tx.session, [job_id])
                return found
            tx.session.expire_all()
            return find_job(tx.session, job_id)

        job = await self._write(end)
        if running := self._running.get(job_id):
            running.stop.set()
            if job is not None and job.kind is JobKind.FETCH:
                running.task.cancel()
        if job is not None and job.file is not None:
            await asyncio.to_thread(remove_files, self._service.folder, {job.file})
        return job

    async def clean(self) -> None:
        """Remove jobs and answers past their time, or from before a takedown."""
        before = self._now() - KEPT
        jobs = await self._read(lambda session: outlived_jobs(session, before))
        names = {job.file for job in jobs if job.file}
        await asyncio.to_thread(remove_files, self._service.folder, names)
        numbers = [job.id for job in jobs]

        def forget(tx: Tx) -> None:
            forget_jobs(tx.session, numbers)
            forget_answers(tx.session, before)

        await self._write(forget)

    async def close(self) -> None:
        """Stop working; what is undone is begun again by the next process."""
        self._is_closing = True
        exports = []
        for running in list(self._running.values()):
            running.stop.set()
            if running.kind is JobKind.EXPORT and running.is_begun:
                exports.append(running.task)  # a thread cannot be cancelled
            else:
                running.task.cancel()
        for task in self._fetches:
            task.cancel()
        await asyncio.gather(*exports, *self._fetches, return_exceptions=True)

    def _refuse_more(self) -> None:
        if len(self._running) + len(self._fetches) >= MOST_OPEN:
            raise TooManyJobs(f"{MOST_OPEN} jobs are open; ask again later")

    def _begin(
        self, job: Job, work: Callable[[], Awaitable[Outcome]] | None = None
    ) -> asyncio.Task[None]:
        stop = Event()
        task = asyncio.create_task(
            self._see_through(job, work or partial(self._work, job, stop)),
            name=f"job {job.id}",
        )
        self._running[job.id] = _Running(job.kind, task, stop)
        task.add_done_callback(lambda _: self._running.pop(job.id, None))
        return task

    async def _see_through(
        self, job: Job, work: Callable[[], Awaitable[Outcome]]
    ) -> None:
        """Work at a job and note what came of it, whatever comes."""
        try:
            outcome = await self._outcome(job, work)
            is_noted = await self._finish(job, outcome)
        except StorageError as error:
            log.warning("job not noted; the next start begins it again", why=str(error))
            return
        if not is_noted and outcome.file is not None:  # cancelled at the last moment
            await asyncio.to_thread(remove_files, self._service.folder, {outcome.file})

    async def _outcome(
        self, job: Job, work: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        is_slow = job.kind is JobKind.EXPORT  # a fetch waits in _archive
        async with self._slots[job.kind] if is_slow else nullcontext():
            if not await self._write(
                lambda tx: begin_job(tx.session, job.id, self._now())
            ):
                return Outcome(state=JobState.CANCELLED)
            self._running[job.id].is_begun = True
            try:
                return await work()
            except Stopped:
                if self._is_closing:
                    raise asyncio.CancelledError from None  # it stays open
                return Outcome(state=JobState.CANCELLED)
            except (CrawlError, StorageError) as error:
                return _failed(problem_of(error))
            except Exception as error:
                log.exception("job failed", job=job.id, kind=job.kind)
                return _failed(problem_of(error))

    async def _work(self, job: Job, stop: Event) -> Outcome:
        if job.kind is JobKind.FETCH:
            return outcome_of(await self._archive(job.wanted["url"]))

        def note(done: int, total: int) -> None:
            self._service.means.writer.submit(
                lambda tx: note_progress(tx.session, job.id, done, total)
            )

        return await asyncio.to_thread(write_export, self._service, job, stop, note)

    async def _archive(self, url: str) -> Archived:
        async with self._slots[JobKind.FETCH]:
            return await archive_one(url, self._service.means, PATIENCE)

    async def _finish(self, job: Job, outcome: Outcome) -> bool:
        return await self._write(
            lambda tx: finish_job(tx.session, job.id, outcome, self._now())
        )

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await self._service.means.writer.run(work)

    async def _read(self, work: Callable[[Session], T]) -> T:
        def read() -> T:
            with self._service.session() as session:
                return work(session)

        return await asyncio.to_thread(read)

    def _now(self) -> datetime:
        return self._service.means.now()


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[Jobs]:
    """Work at jobs until the context ends, first at those left undone before."""
    jobs = Jobs(service)
    try:
        await jobs.take_up()
        yield jobs
    finally:
        await jobs.close()


def outcome_of(archived: Archived) -> Outcome:
    """Return what a fetch came to: its article, or why there is none."""
    told = archived_document(archived)
    trouble = trouble_of(archived)
    if trouble is None:
        return Outcome(state=JobState.DONE, result=told)
    problem = problem_document(trouble, why_not(archived))
    return _failed(problem | {"outcome": told})


def trouble_of(archived: Archived) -> Trouble | None:
    """Return why a fetch gave no article, None where it did."""
    return trouble_of_link(archived.state, archived.status, archived.verdict)


def why_not(archived: Archived) -> str:
    """Return a sentence for people on why a fetch gave no article."""
    return f"{archived.url}: {archived.state} ({archived.reason})"


def archived_document(archived: Archived) -> dict[str, Any]:
    """Return what came of a URL as JSON values."""
    document: dict[str, Any] = _ARCHIVED.dump_python(archived, mode="json")
    return document


async def _outcome_of(task: asyncio.Task[Archived]) -> Outcome:
    return outcome_of(await task)


def _failed(problem: Mapping[str, Any]) -> Outcome:
    return Outcome(state=JobState.FAILED, problem=problem)
