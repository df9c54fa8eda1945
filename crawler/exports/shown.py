"""The kept images and styles that a kept page shows, for a package that replays."""

from collections.abc import Callable, Iterable, Iterator

from sqlmodel import Session

from crawler.doors.assets import assets_of_page, assets_of_style
from crawler.fetch.limits import Limits
from crawler.fetch.request import next_url
from crawler.kept.captures import kept_exchange
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.model.exchange import Exchange
from storage.sql.assets import has_assets
from storage.sql.lookup import nearest
from storage.sql.tables import CaptureRow

#: So often an image may lead to another address.
_HOPS = 5


def shown_by(
    folder: DataFolder, limits: Limits, session: Session
) -> Callable[[CaptureRow], Iterable[CaptureRow]]:
    """Return what finds the captures of the images and styles that a page shows.

    Those nearest to the page's time; where an archive keeps none, no page is read.
    """
    if not has_assets(session):
        return lambda _: ()
    return _Shown(folder, limits, session).of


class _Shown:
    def __init__(self, folder: DataFolder, limits: Limits, session: Session) -> None:
        self._folder = folder
        self._limits = limits
        self._session = session

    def of(self, page: CaptureRow) -> Iterator[CaptureRow]:
        answer = self._answer(page)
        for url in assets_of_page(answer) if answer else ():
            for row in self._kept(url, page):
                yield row
                sheet = self._answer(row)
                for image in assets_of_style(sheet) if sheet else ():
                    yield from self._kept(image, page)

    def _kept(self, url: str, page: CaptureRow) -> Iterator[CaptureRow]:
        """Yield the capture of a URL, and those that it leads to."""
        at: str | None = url
        for _ in range(_HOPS):
            held = nearest(self._session, at, page.fetched_at) if at else None
            if held is None:
                return
            row = self._session.get_one(CaptureRow, held.id)
            yield row
            answer = self._answer(row)
            at = next_url(answer) if answer else None

    def _answer(self, row: CaptureRow) -> Exchange | None:
        try:
            return kept_exchange(self._folder, self._limits, row.original or row)
        except CorruptRecord:
            return None  # told of where the capture itself is copied
