"""Kept captures as they may be shown: pages without scripts, images, styles, bytes."""

import re
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from crawler.charset import decoded
from crawler.config.limits import fetch_limits
from crawler.discover.pages import parse_page
from crawler.doors.memento import (
    IMAGE,
    RAW,
    STYLE,
    Doors,
    memento_links,
    plain,
)
from crawler.doors.page import Places, shown_page
from crawler.doors.stamps import first_second, http_date, stamp
from crawler.doors.styles import clean_styles
from crawler.errors import BadUrl, NotReadable
from crawler.fetch.request import next_url
from crawler.kept.captures import kept_exchange
from crawler.service.service import Service
from crawler.urls import fetch_url
from crawler.web.doors.memento import doors_of
from crawler.web.doors.withheld import refuse_withheld
from crawler.web.given import GivenService
from crawler.web.render import fill
from crawler.web.security import REPLAY
from storage.model.exchange import Exchange
from storage.sql.lookup import Held, beside, first_and_last, nearest
from storage.sql.tables import CaptureRow

_WANTED = re.compile(rf"(\d{{4,14}})({RAW}|{IMAGE}|{STYLE}|)")
_CHARSET = re.compile(
    r"""; *charset *= *["']?([\w.:-]{1,40})""", re.ASCII | re.IGNORECASE
)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_STYLES = frozenset({"text/css"})
IMAGES = frozenset(
    f"image/{kind}"
    for kind in ("png", "jpeg", "gif", "webp", "avif", "bmp", "svg+xml", "x-icon")
) | {"image/jpg", "image/vnd.microsoft.icon"}
_MOVED = frozenset({301, 302, 303, 307, 308})
#: Answers that stand for another one, which has the media type.
_LEADING = _MOVED | {304}
#: So many images and styles of a page are looked for.
_MOST = 1000

routes = APIRouter(include_in_schema=False)


@routes.get("/web/{wanted}/{url:path}")  # noqa: FAST003  # the URL is read as it was sent
def get_memento(service: GivenService, request: Request, wanted: str) -> Response:
    """Show the capture of a second; lead to the nearest one of another time."""
    found = _WANTED.fullmatch(wanted)
    if found is None:
        raise HTTPException(400, f"{wanted} is no time of 4 to 14 digits.")
    try:
        at = first_second(found[1])
    except ValueError as error:
        raise HTTPException(400, f"{error}.") from error
    doors = doors_of(request, f"{REPLAY}{wanted}/")
    with service.session() as session:
        held = nearest(session, doors.url, at)
        if held is None:
            refuse_withheld(session, doors.url)
            raise HTTPException(404, f"No captures of {doors.url} are kept.")
        if stamp(held.fetched_at) != found[1]:
            place = doors.memento(held, found[2])
            return Response(status_code=302, headers={"Location": place})
        shown = _Shown(service=service, session=session, doors=doors, held=held)
        answer = shown.answer(found[2])
        answer.headers["Memento-Datetime"] = http_date(held.fetched_at)
        answer.headers["Link"] = shown.links()
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A capture to show."""

    service: Service
    session: Session
    doors: Doors
    held: Held

    def answer(self, what: str) -> Response:
        """Return a capture as it is wanted.

        Raises:
            HTTPException: it is no image, or no style.
        """
        kept = self._exchange()
        media = _media(kept)
        if kept.status in _MOVED and what != RAW:
            return self._led(kept, what)
        match what:
            case "" if media in _PAGES:
                return self._page(kept)
            case "" | "im_" if media in IMAGES:
                return Response(kept.body, _status(kept), media_type=media)
            case "cs_" if media in _STYLES:
                return self._styles(kept)
            case "im_" | "cs_":
                raise HTTPException(404, f"{self.held.url} is {media or 'untyped'}.")
        return _raw(kept)

    def links(self) -> str:
        """Return the Link header."""
        url = self.doors.url
        first, last = first_and_last(self.session, url) or (self.held, self.held)
        sides = beside(self.session, url, self.held.fetched_at)
        return memento_links(
            self.doors, self.held, first=first, last=last, beside=sides
        )

    def _exchange(self) -> Exchange:
        """Return what was received: of a page that was not modified, the page."""
        row = self.session.get_one(CaptureRow, self.held.id)
        if row.status == 304 and row.original is not None:
            row = row.original
        return kept_exchange(
            self.service.folder, fetch_limits(self.service.config), row
        )

    def _led(self, kept: Exchange, what: str) -> Response:
        try:
            target = next_url(kept)
        except BadUrl:
            target = None
        if target is None:
            return _raw(kept)
        place = f"{REPLAY}{stamp(self.held.fetched_at)}{what}/{plain(target)}"
        return Response(status_code=kept.status, headers={"Location": place})

    def _page(self, kept: Exchange) -> Response:
        try:
            text = decoded(kept.body, kept.header("content-type"))
            tree = parse_page(text.encode("utf-8", "replace"))
        except NotReadable:
            return _raw(kept)
        at = stamp(self.held.fetched_at)
        lookup = Lookup(session=self.session, at=self.held.fetched_at, found={})
        places = Places(
            link=lambda url: f"{REPLAY}{at}/{plain(url)}",
            image=lambda url: lookup.place(url, IMAGE, IMAGES),
            style=lambda url: lookup.place(url, STYLE, _STYLES),
        )
        notice = fill("replay.html", held=self.held, timemap=self.doors.timemap("link"))
        return HTMLResponse(
            shown_page(tree, self.held.url, places, notice), _status(kept)
        )

    def _styles(self, kept: Exchange) -> Response:
        lookup = Lookup(session=self.session, at=self.held.fetched_at, found={})

        def image(written: str) -> str | None:
            try:
                url = fetch_url(written, self.held.url)
            except BadUrl:
                return None
            return lookup.place(url, IMAGE, IMAGES)

        text = clean_styles(decoded(kept.body, kept.header("content-type")), image)
        return Response(text, _status(kept), media_type="text/css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Where what a page refers to is kept, nearest to its time; each looked for once."""

    session: Session
    at: datetime
    found: dict[str, str | None]

    def place(self, url: str, what: str, media: frozenset[str]) -> str | None:
        """Return where an image or a style is shown, None where it is not kept."""
        if url not in self.found:
            if len(self.found) >= _MOST:
                return None
            held = nearest(self.session, url, self.at)
            is_kept = held is not None and (
                held.status in _LEADING or _plain_media(held.content_type) in media
            )
            self.found[url] = (
                f"{REPLAY}{stamp(held.fetched_at)}{what}/{plain(url)}"
                if held is not None and is_kept
                else None
            )
        return self.found[url]


def place_of_image(session: Session, url: str | None, at: datetime) -> str | None:
    """Return where the kept image of a URL is shown, nearest to a time; None if none is."""
    try:
        address = plain(fetch_url(url or ""))
    except BadUrl:
        return None
    return Lookup(session=session, at=at, found={}).place(address, IMAGE, IMAGES)


def _raw(kept: Exchange) -> Response:
    """Return the payload, codings undone: a browser saves it and shows nothing.

    Its charset is the one that was stated, or none: its bytes are as they were.
    """
    media = _media(kept) or "application/octet-stream"
    charset = _CHARSET.search(kept.header("content-type") or "")
    stated = f"{media}; charset={charset[1]}" if charset else media
    headers = {"Content-Disposition": "attachment", "Content-Type": stated}
    return Response(kept.body, _status(kept), headers)


def _media(kept: Exchange) -> str:
    return _plain_media(kept.header("content-type"))


def _plain_media(stated: str | None) -> str:
    """Return a media type in lower case, without parameters, empty for none or odd."""
    media = (stated or "").partition(";")[0].strip().lower()
    return media if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", media) else ""


def _status(kept: Exchange) -> int:
    """Return a capture's status where a browser takes it, else 200."""
    return kept.status if 200 <= kept.status < 600 and kept.status != 304 else 200
