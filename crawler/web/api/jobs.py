"""Jobs: what is worked at, how far it is, and what came of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, HTTPException
from fastapi.responses import (
    FileResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlmodel import Session

from crawler.exports.forms import ExportForm
from crawler.exports.writing import Order
from crawler.jobs.exporting import order_document, refuse_unwritable
from crawler.jobs.files import place_of
from crawler.jobs.running import KEPT
from crawler.service.service import Service
from crawler.troubles import Trouble, TroubleKind
from crawler.web.api.fetched import Fetched, Printed, answer_fetched
from crawler.web.given import (
    Before,
    GivenJobs,
    GivenService,
    Id,
    JobChoice,
    JobKindChoice,
    Limit,
    Moment,
    Owner,
)
from crawler.web.problems import Problem, Refused
from crawler.web.reads import known_source_or_404
from storage.sql.jobs import Job, JobKind, JobState, find_job, list_jobs
from storage.sql.objects import export_name, exports_uploaded
from storage.sql.selection import Wanted, refuse_unmeant
from storage.sql.takedowns import last_takedown

routes = APIRouter(prefix="/v1", tags=["jobs"])

#: Seconds after which it is worth looking at a job again.
_LOOK_AGAIN = 2
_BYTES = "application/octet-stream"
_PIECE = 1024 * 1024
#: How the API's description tells of a job's location.
LOCATED: dict[str, Any] = {
    "Location": {"description": "Of the job", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds until it is worth looking",
        "schema": {"type": "integer"},
    },
}


class Progress(BaseModel):
    """How much of a job is done, in articles."""

    done: int
    total: int | None


class JobOut(BaseModel):
    """A job as it stands; `expires_at` is when it is forgotten, with its file.

    `result` says what came of it, `result_url` is where that is to be had, and
    `problem` says why it failed.
    """

    id: int
    kind: JobKind
    state: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    tries: int
    progress: Progress
    wanted: dict[str, Any]
    result: dict[str, Any] | None
    result_url: str | None
    size: int | None
    problem: Problem | None


class JobPage(BaseModel):
    """Jobs, the newest first; `next_before` asks for the page after."""

    jobs: list[JobOut]
    next_before: int | None


class ExportWanted(BaseModel):
    """Articles to be exported, and as what; nothing said is all articles.

    `from` and `to` are about the stated date, or when an article was first seen where
    none is stated. Markdown comes as a ZIP file of files.
    """

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=2000)] = ""
    source: Annotated[str, Field(max_length=80)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    since: Annotated[Moment, Field(alias="from")] = None
    until: Annotated[Moment, Field(alias="to")] = None
    versions: StrictBool = False
    format: ExportForm = ExportForm.JSONL

    def order(self) -> Order:
        """Return the order."""
        wanted = Wanted(
            query=self.query.strip(),
            source=self.source,
            language=self.language,
            since=self.since,
            until=self.until,
        )
        return Order(wanted=wanted, form=self.format, versions=self.versions)


@routes.post(
    "/exports",
    status_code=202,
    response_model=JobOut,
    responses={202: {"headers": LOCATED}},
)
async def post_export(
    service: GivenService,
    jobs: GivenJobs,
    owner: Owner,
    wanted: ExportWanted,
) -> Any:  # noqa: ANN401  # as said
    """Begin an export as a job; its file is kept for a day."""
    order = wanted.order()
    refuse_unwritable(order.form)
    with service.session() as session:
        if order.wanted.source is not None:
            known_source_or_404(session, order.wanted.source)
        refuse_unmeant(session, order.wanted)
    return accepted(await jobs.export(order_document(order), owner))


@routes.get("/jobs")
def get_jobs(
    service: GivenService,
    state: JobChoice = None,
    kind: JobKindChoice = None,
    before: Before = None,
    limit: Limit = 50,
) -> JobPage:
    """List jobs, the newest first; those that ended are forgotten after a day."""
    with service.session() as session:
        found = list_jobs(
            session, state=state, kind=kind, before=before, limit=limit + 1
        )
    page = found[:limit]
    more = page[-1].id if len(found) > limit else None
    return JobPage(jobs=[job_out(job) for job in page], next_before=more)


@routes.get("/jobs/{job_id}")
def get_job(service: GivenService, job_id: Id) -> JobOut:
    """Tell where a job stands."""
    with service.session() as session:
        return job_out(_job_or_404(session, job_id))


@routes.delete("/jobs/{job_id}")
async def delete_job(jobs: GivenJobs, job_id: Id) -> JobOut:
    """Cancel a job, or forget one that has ended, with its file."""
    job = await jobs.remove(job_id)
    if job is None:
        raise HTTPException(404, f"There is no job {job_id}.")
    return job_out(job)


@routes.get(
    "/jobs/{job_id}/result",
    response_model=Fetched,
    responses={
        200: {
            "description": "What a fetch gave, in its format, or an export's file",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "text/markdown": {"schema": {"type": "string"}},
                _BYTES: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
def get_result(service: GivenService, job_id: Id) -> Any:  # noqa: ANN401  # as said
    """Return what came of a job: a fetch's article, an export's file.

    409 while it is not done, 410 when its file is gone or something was taken down
    since; of one that failed, the problem that it failed with.
    """
    with service.session() as session:
        job = _job_or_404(session, job_id)
        _refuse_unfinished(job)
        if job.kind is JobKind.FETCH:
            printed = Printed(job.wanted.get("format", "json"))
            return answer_fetched(session, job.result or {}, printed, is_stored=False)
        newest = last_takedown(session)
    if newest is not None and newest >= job.created_at:
        raise HTTPException(410, "Something was taken down since; export it again.")
    return _file(service, job)


def accepted(job: Job) -> JSONResponse:
    """Return the answer that a job was begun, with where it is to be looked at."""
    return JSONResponse(
        job_out(job).model_dump(mode="json"),
        status_code=202,
        headers={"Location": f"/v1/jobs/{job.id}", "Retry-After": str(_LOOK_AGAIN)},
    )


def job_out(job: Job) -> JobOut:
    """Return a job as it is told of."""
    is_there = job.state is JobState.DONE
    return JobOut.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
            "expires_at": job.finished_at + KEPT if job.finished_at else None,
            "tries": job.tries,
            "progress": {"done": job.done, "total": job.total},
            "wanted": job.wanted,
            "result": job.result,
            "result_url": f"/v1/jobs/{job.id}/result" if is_there else None,
            "size": job.size,
            "problem": job.problem,
        }
    )


def _job_or_404(session: Session, job_id: int) -> Job:
    job = find_job(session, job_id)
    if job is None:
        raise HTTPException(404, f"There is no job {job_id}.")
    return job


def _refuse_unfinished(job: Job) -> None:
    if job.is_open:
        trouble = Trouble(
            status=409,
            kind=TroubleKind.CONFLICT,
            retryable=True,
            retry_after=_LOOK_AGAIN,
        )
        raise Refused(trouble, f"Job {job.id} is {job.state}.")
    if job.state is JobState.CANCELLED:
        raise HTTPException(410, f"Job {job.id} was cancelled.")
    if job.problem is not None:
        raise Refused(_trouble(job.problem), job.problem["detail"], _outcome(job))


def _trouble(problem: Mapping[str, Any]) -> Trouble:
    return Trouble(
        status=problem["status"],
        kind=TroubleKind(problem["class"]),
        retryable=problem["retryable"],
        retry_after=problem.get("retry_after"),
    )


def _outcome(job: Job) -> dict[str, Any]:
    said = job.problem or {}
    return {"outcome": said["outcome"]} if "outcome" in said else {}


def _file(service: Service, job: Job) -> Response:
    path = place_of(service.folder, job.file or "")
    if job.file is not None and path.is_file():
        return FileResponse(
            path,
            media_type=_BYTES,
            filename=f"kliping-export-{job.file}",
            headers={"X-Content-Type-Options": "nosniff"},
        )
    found = _from_store(service, job)
    if found is None:
        raise HTTPException(410, f"The file of job {job.id} is gone.")
    size, file = found
    said = f'attachment; filename="kliping-export-{job.file}"'
    return StreamingResponse(
        _pieces(file),
        media_type=_BYTES,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": said,
            "Content-Length": str(size),
        },
    )


def _from_store(service: Service, job: Job) -> tuple[int, BinaryIO] | None:
    """Return the size and the bytes of a file that was made on another machine."""
    if service.folder.away is None or job.file is None:
        return None
    name = export_name(job.created_at, job.file)
    with service.session() as session:
        row = exports_uploaded(session).get(name)
    if row is None or row.size is None:
        return None
    try:
        return row.size, service.folder.away.open(row.key)
    except FileNotFoundError:
        return None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
