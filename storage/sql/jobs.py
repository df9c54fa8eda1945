"""Jobs: work that was asked for and takes longer than an answer may.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from storage.sql.counting import total
from storage.sql.tables import JobRow
from storage.sql.takedowns import last_takedown


class JobKind(StrEnum):
    """What is worked at."""

    FETCH = "fetch"
    EXPORT = "export"


class JobState(StrEnum):
    """Where a job stands; the last three are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stands.

    Attributes:
        id: Its number; later ones have greater ones.
        kind: What is worked at.
        state: Where it stands.
        owner: Whose token asked for it; nothing where that is not known.
        wanted: What was asked for, as JSON values.
        created_at: When it was asked for.
        started_at: When it was begun, the last time.
        finished_at: When it ended.
        tries: How often it was begun.
        done: How much is done.
        total: Of how much, None where that is not known.
        result: What came of it, as JSON values.
        problem: Why it failed, as a problem document.
        file: The name of its file, among those of jobs.
        size: The bytes in it.
    """

    id: int
    kind: JobKind
    state: JobState
    owner: str
    wanted: Mapping[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    tries: int
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    file: str | None
    size: int | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.finished_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a job; the names are Job's."""

    state: JobState
    result: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None
    file: str | None = None
    size: int | None = None


def add_job(
    session: Session, kind: JobKind, wanted: Mapping[str, Any], owner: str, at: datetime
) -> Job:
    """Enter a job that waits."""
    row = JobRow(
        kind=kind,
        state=JobState.WAITING,
        owner=owner,
        wanted=dict(wanted),
        created_at=at,
    )
    session.add(row)
    session.flush()
    return _job(row)


def find_job(session: Session, job_id: int) -> Job | None:
    """Return a job by its number."""
    row = session.get(JobRow, job_id)
    return _job(row) if row else None


def list_jobs(
    session: Session,
    *,
    state: JobState | None = None,
    kind: JobKind | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Job]:
    """Return jobs, the newest first; `before` is the last page's last number."""
    query = select(JobRow).order_by(col(JobRow.id).desc()).limit(limit)
    if state is not None:
        query = query.where(JobRow.state == state)
    if kind is not None:
        query = query.where(JobRow.kind == kind)
    if before is not None:
        query = query.where(col(JobRow.id) < before)
    return list(map(_job, session.exec(query)))


def open_jobs(session: Session) -> list[Job]:
    """Return the jobs that have not ended, oldest first."""
    query = select(JobRow).where(col(JobRow.finished_at).is_(None))
    return list(map(_job, session.exec(query.order_by(col(JobRow.id)))))


def begin_job(session: Session, job_id: int, at: datetime) -> bool:
    """Note that a job is begun; False where it has ended meanwhile."""
    begun = _still_open(job_id).values(
        state=JobState.RUNNING, started_at=at, tries=JobRow.tries + 1
    )
    return bool(session.exec(begun).rowcount)


def note_progress(session: Session, job_id: int, done: int, total: int | None) -> None:
    """Note how far a job is."""
    session.exec(_still_open(job_id).values(done=done, total=total))


def finish_job(session: Session, job_id: int, outcome: Outcome, at: datetime) -> bool:
    """Note what came of a job; False where it has ended before."""
    ended = _still_open(job_id).values(
        state=outcome.state,
        finished_at=at,
        result=dict(outcome.result) if outcome.result is not None else None,
        problem=dict(outcome.problem) if outcome.problem is not None else None,
        file=outcome.file,
        size=outcome.size,
    )
    return bool(session.exec(ended).rowcount)


def outlived_jobs(session: Session, before: datetime) -> list[Job]:
    """Return the jobs that ended before a time, or since which something was taken down.

    The files of the latter may hold what was taken down.
    """
    newest = last_takedown(session)
    query = select(JobRow).where(col(JobRow.finished_at) < before)
    found = list(session.exec(query))
    if newest is not None:
        held = select(JobRow).where(
            col(JobRow.finished_at) >= before,
            col(JobRow.created_at) <= newest,
            col(JobRow.file).is_not(None),
        )
        found += session.exec(held).all()
    return list(map(_job, found))


def forget_jobs(session: Session, jobs: Sequence[int]) -> None:
    """Remove jobs that have ended."""
    ended = col(JobRow.finished_at).is_not(None)
    session.exec(delete(JobRow).where(col(JobRow.id).in_(jobs), ended))


def job_bytes(session: Session) -> int:
    """Return how many bytes the files of jobs have."""
    return session.exec(select(total(JobRow.size))).one()


def _still_open(job_id: int) -> Any:  # noqa: ANN401  # an update
    is_open = col(JobRow.finished_at).is_(None)
    return update(JobRow).where(col(JobRow.id) == job_id, is_open)


def _job(row: JobRow) -> Job:
    said = {one.name: getattr(row, one.name) for one in fields(Job)}
    kind, state = JobKind(row.kind), JobState(row.state)
    return Job(**said | {"id": int(row.id or 0), "kind": kind, "state": state})
