"""Jobs: what is worked at, how far it is, what came of it; and exports."""

from collections.abc import Iterator
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from crawler.errors import CrawlError
from crawler.exports.forms import ExportForm
from crawler.service.service import Service
from crawler.web.api.jobs import ExportWanted, delete_job, job_out, post_export
from crawler.web.forms import fault_of, read_form, see
from crawler.web.given import (
    Before,
    GivenJobs,
    GivenService,
    Id,
    JobChoice,
    JobKindChoice,
    Owner,
)
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.render import render
from storage.errors import BadQuery
from storage.sql.jobs import JobKind, JobState, list_jobs
from storage.sql.sources import source_names

routes = APIRouter(prefix="/jobs", include_in_schema=False)

_PAGE = 50
_AT_ONCE = 200
_COLUMNS = (
    *("id", "kind", "state", "created_at", "started_at", "finished_at"),
    *("done", "total", "size", "wanted"),
)


@routes.get("")
def get_jobs(
    service: GivenService,
    state: JobChoice = None,
    kind: JobKindChoice = None,
    before: Before = None,
    form: GivenForm = ListForm.PAGE,
) -> Response:
    """Show jobs, the newest first."""
    if form is not ListForm.PAGE:
        return as_file(form, "jobs", _COLUMNS, _every(service, state, kind))
    return _page(service, state, kind, before)


@routes.post("")
async def post_wanted(
    request: Request, service: GivenService, jobs: GivenJobs, owner: Owner
) -> Response:
    """Begin an export."""
    form = await read_form(request)
    said = {name: value for name, value in form.items() if value != ""}
    try:
        wanted = ExportWanted.model_validate(said | {"versions": "versions" in said})
        await post_export(service, jobs, owner, wanted)
    except (CrawlError, HTTPException, ValidationError, BadQuery) as error:
        return _page(service, said=form, fault=fault_of(error))
    return see("/jobs")


@routes.post("/{job_id}/remove")
async def post_remove(jobs: GivenJobs, job_id: Id) -> Response:
    """Cancel a job, or forget one that has ended, with its file."""
    await delete_job(jobs, job_id)
    return see("/jobs")


def _page(
    service: Service,
    state: JobState | None = None,
    kind: JobKind | None = None,
    before: int | None = None,
    *,
    said: Row | None = None,
    fault: str = "",
) -> HTMLResponse:
    with service.session() as session:
        found = list_jobs(
            session, state=state, kind=kind, before=before, limit=_PAGE + 1
        )
        names = list(source_names(session).values())
    page = found[:_PAGE]
    filters = {"state": state or "", "kind": kind or ""}
    chosen = {name: value for name, value in filters.items() if value}
    query = urlencode(chosen | {"before": str(page[-1].id) if page else ""})
    return render(
        "jobs.html",
        status=422 if fault else 200,
        jobs=[job_out(job) for job in page],
        states=list(JobState),
        kinds=list(JobKind),
        filters=filters,
        is_first=before is None,
        older=f"/jobs?{query}" if len(found) > _PAGE else None,
        here=f"/jobs?{urlencode(chosen)}",
        export=f"/jobs?{urlencode(chosen)}{'&' if chosen else ''}",
        names=names,
        forms=list(ExportForm),
        said=said or {},
        fault=fault,
    )


def _every(
    service: Service, state: JobState | None, kind: JobKind | None
) -> Iterator[Row]:
    """Yield all jobs that fit, newest first, a batch in one transaction."""
    before: int | None = None
    while True:
        with service.session() as session:
            found = list_jobs(
                session, state=state, kind=kind, before=before, limit=_AT_ONCE
            )
        for job in found:
            yield {name: getattr(job, name) for name in _COLUMNS}
        if len(found) < _AT_ONCE:
            return
        before = found[-1].id
