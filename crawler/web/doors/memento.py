"""Memento over HTTP (RFC 7089): TimeGate and TimeMap."""

from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from crawler.doors.memento import (
    Doors,
    gate_links,
    plain,
    timemap_lines,
    timemap_object,
)
from crawler.doors.stamps import read_http_date
from crawler.web.doors.withheld import refuse_withheld
from crawler.web.given import GivenService
from storage.sql.lookup import captures_of, first_and_last, nearest

_LINK_FORMAT = "application/link-format"

routes = APIRouter(include_in_schema=False)


@routes.get("/timegate/{url:path}", status_code=302, response_class=Response)  # noqa: FAST003  # the URL is read as it was sent
def get_timegate(service: GivenService, request: Request) -> Response:
    """Redirect to the memento nearest to Accept-Datetime, else to the newest."""
    doors = doors_of(request, "/timegate/")
    wanted = request.headers.get("accept-datetime")
    varying = {"Vary": "accept-datetime"}
    try:
        at = read_http_date(wanted) if wanted is not None else None
    except ValueError as error:
        raise HTTPException(400, f"Accept-Datetime: {error}.", varying) from error
    with service.session() as session:
        ends = first_and_last(session, doors.url)
        if ends is None:
            refuse_withheld(session, doors.url)
            detail = f"No captures of {doors.url} are kept."
            raise HTTPException(404, detail, varying)
        held = nearest(session, doors.url, at or ends[1].fetched_at) or ends[1]
    headers = {
        **varying,
        "Location": doors.memento(held),
        "Link": gate_links(doors, *ends),
    }
    return Response(status_code=302, headers=headers)


@routes.get("/timemap/{form}/{url:path}", response_class=Response)  # noqa: FAST003  # as above
def get_timemap(
    service: GivenService, request: Request, form: Literal["link", "json"]
) -> Response:
    """List all mementos of a URL, as application/link-format or JSON."""
    doors = doors_of(request, f"/timemap/{form}/")
    with service.session() as session:
        captures = list(captures_of(session, doors.url))
        if not captures:
            refuse_withheld(session, doors.url)
            raise HTTPException(404, f"No captures of {doors.url} are kept.")
    captures.sort(key=lambda held: held.fetched_at)
    if form == "json":
        return JSONResponse(timemap_object(doors, captures))
    text = "".join(timemap_lines(doors, captures))
    return Response(text, media_type=_LINK_FORMAT)


def doors_of(request: Request, before: str) -> Doors:
    """Return the doors for the URL that a request's path ends in, as it was sent."""
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    text = path.partition(b"?")[0].decode("latin-1").removeprefix(before)
    query = request.url.query
    url = plain(f"{text}?{query}" if query else text)
    has_scheme = url.lower().startswith(("http:", "https:"))
    return Doors(base=str(request.base_url), url=url if has_scheme else f"http://{url}")
