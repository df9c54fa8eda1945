"""What was received, to the byte: only to be saved, never to be shown."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response, StreamingResponse
from sqlmodel import Session

from crawler.config.limits import fetch_limits
from crawler.kept.captures import kept_exchange
from crawler.service.service import Service
from crawler.web.given import GivenService, Id, Number
from crawler.web.reads import article_or_404, version_or_404
from storage.errors import CorruptRecord
from storage.kept import received
from storage.sql.tables import CaptureRow
from storage.sql.versions import evidence_of, parts_of
from storage.warc.subset import copy_of, with_needed

routes = APIRouter(prefix="/v1/articles", tags=["articles"])

Form = Literal["body", "http", "warc"]
_SUFFIXES = {"body": "bin", "http": "http", "warc": "warc.gz"}
_BYTES = "application/octet-stream"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bytes, to be saved",
        "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@routes.get("/{article_id}/raw", response_class=Response, responses=_ANSWERS)
def get_raw(
    service: GivenService,
    article_id: Id,
    version: Number = None,
    form: Form = "body",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Return the bytes that a version was read from, the standing one's for none.

    `body` is the payload without its transfer and content codings, `http` the response
    as it came over the wire, `warc` the records of all pages of the article, as they
    stand in the archive. `page` chooses among the pages of one that has several.
    """
    with service.session() as session:
        article_or_404(session, article_id)
        row = version_or_404(session, article_id, version)
        first = evidence_of(session, row)
        captures = [first, *parts_of(session, row)] if first else []
        if len(captures) < page:
            raise HTTPException(404, f"Of version {row.number} no such page is kept.")
        name = f"kliping-article-{article_id}-version-{row.number}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.{_SUFFIXES[form]}"',
            "X-Content-Type-Options": "nosniff",
        }
        if form == "warc":
            needed = _needed(session, captures)
            session.expunge_all()
            parts = _records(service, needed)
            whole = next(parts)  # what is damaged is told before the first byte goes
            return StreamingResponse(
                _chained(whole, parts), headers=headers, media_type=_BYTES
            )
        capture = captures[page - 1]
        if form == "http":
            body = received(service.folder, capture)
        else:
            limits = fetch_limits(service.config)
            body = kept_exchange(service.folder, limits, capture).body
    return Response(body, headers=headers, media_type=_BYTES)


def _needed(session: Session, captures: Sequence[CaptureRow]) -> list[CaptureRow]:
    """Return captures behind those they refer to, each once."""
    found: dict[int, CaptureRow] = {}
    for capture in captures:
        for row in with_needed(session, capture):
            found.setdefault(int(row.id or 0), row)
    return list(found.values())


def _records(service: Service, captures: Sequence[CaptureRow]) -> Iterator[bytes]:
    for capture in captures:
        copy = copy_of(service.folder, capture)
        if copy.damage is not None:
            raise CorruptRecord(capture.segment, capture.offset, copy.damage)
        yield copy.before + copy.answer + copy.after


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
