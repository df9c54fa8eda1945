"""The CDX server: which captures of which URLs there are, a line each."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from crawler.doors.cdx import (
    Asked,
    Line,
    Output,
    Question,
    Sort,
    line_of,
    passes,
    read_fields,
    read_question,
    write_line,
)
from crawler.service.service import Service
from crawler.web.doors.withheld import refuse_withheld
from crawler.web.given import GivenService
from storage.errors import CorruptRecord
from storage.sql.lookup import (
    Held,
    Match,
    captures_around,
    captures_back,
    captures_of,
)
from storage.sql.tables import CaptureRow
from storage.warc.cdxj import payload_digest
from storage.warc.reader import read_capture

#: Lines of one answer at most.
MOST = 10_000
_MEDIA = {Output.CDXJ: "text/x-cdxj", Output.JSON: "application/x-ndjson"}

routes = APIRouter(tags=["archive"])


class Parameters(BaseModel):
    """What pywb's CDX server API calls its parameters."""

    url: str
    match_type: Annotated[Match | None, Field(alias="matchType")] = None
    since: Annotated[str, Field(alias="from")] = ""
    until: Annotated[str, Field(alias="to")] = ""
    closest: str = ""
    sort: Sort = Sort.FORWARD
    filters: Annotated[list[str], Field(alias="filter")] = []
    output: Output = Output.CDXJ
    fields: Annotated[str, Field(alias="fl")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST
    page: Annotated[int, Field(ge=0, le=2**31)] = 0
    page_size: Annotated[int, Field(alias="pageSize", ge=1, le=MOST)] = MOST
    show_num_pages: Annotated[bool, Field(alias="showNumPages")] = False


@routes.get(
    "/cdx",
    response_class=PlainTextResponse,
    responses={
        200: {
            "content": {
                "text/x-cdxj": {"schema": {"type": "string"}},
                "application/x-ndjson": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            }
        }
    },
)
def get_cdx(service: GivenService, asked: Annotated[Parameters, Query()]) -> Response:
    """List captures: a sorted line each, as CDXJ, JSON or plain fields."""
    try:
        question, wanted = _question(asked), read_fields(asked.fields)
    except ValueError as error:
        raise HTTPException(400, f"{error}.") from error
    size = asked.page_size
    with service.session() as session:
        found = _lines(service, session, question)
        if asked.show_num_pages:
            pages = -(-sum(1 for _ in found) // size)
            return JSONResponse({"pages": pages, "pageSize": size})
        start = asked.page * size
        lines = list(islice(found, start, start + min(asked.limit, size)))
        if not lines and not start:
            refuse_withheld(session, question.url, question.match)
            raise HTTPException(404, f"No captures of {asked.url} are kept.")
    text = "".join(write_line(line, wanted, asked.output) for line in lines)
    return Response(text, media_type=_MEDIA.get(asked.output, "text/plain"))


def _question(asked: Parameters) -> Question:
    return read_question(
        Asked(
            url=asked.url,
            match=asked.match_type,
            since=asked.since,
            until=asked.until,
            closest=asked.closest,
            sort=asked.sort,
            filters=asked.filters,
        )
    )


def _lines(service: Service, session: Session, question: Question) -> Iterator[Line]:
    for held in _captures(session, question):
        digest = None if held.digest else _stated_digest(service, session, held)
        line = line_of(held, digest)
        if passes(line, question.filters):
            yield line


def _captures(session: Session, question: Question) -> Iterator[Held]:
    url, match = question.url, question.match
    since, before = question.since, question.before
    if question.sort is Sort.CLOSEST and question.closest is not None:
        at = question.closest
        return captures_around(session, url, at, since=since, before=before)
    if question.sort is Sort.REVERSE:
        return captures_back(session, url, match, since=since, before=before)
    return captures_of(session, url, match, since=since, before=before)


def _stated_digest(service: Service, session: Session, held: Held) -> str | None:
    """Return the digest of a capture's record, which an older Kliping did not note."""
    row = session.get_one(CaptureRow, held.id)
    try:
        record = read_capture(
            service.folder, row.segment, row.offset, row.length, row.record_sha256
        )
    except CorruptRecord:
        return None
    return payload_digest(record)
