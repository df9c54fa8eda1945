"""Send the digest once a day: entered before it is sent, so that none is sent twice."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial

from sqlmodel import Session

from crawler.config.tree import Mail
from crawler.digest.composing import Digest, News, compose, day_due
from crawler.digest.letter import letter
from crawler.digest.smtp import Delivery
from crawler.errors import MailFailed, UsageError
from crawler.means import Means
from crawler.sources.wellness import long_unwell
from storage.sql.alerts import alerts_since
from storage.sql.digests import (
    DigestState,
    digest_of,
    enter_digest,
    figures,
    note_digest,
    told_until,
)
from storage.sql.health import source_health
from storage.sql.sources import list_sources
from storage.sql.tables import DigestRow
from storage.writer import Tx

_DAY = timedelta(days=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=2)

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Postman:
    """Who sends digests.

    Attributes:
        means: The archive.
        sessions: Opens a session for reading.
        mail: By whom and to whom.
    """

    means: Means
    sessions: Sessions
    mail: Mail

    async def send_due(self) -> DigestState | None:
        """Send the last digest that is due, if it was not; return what became of it."""
        day = day_due(self.means.now(), self.mail.at, self.mail.zone)
        row = await asyncio.to_thread(self._row, day)
        if row is not None and not is_again(row, self.means.now()):
            return None
        try:
            return await self._post(day)
        except MailFailed as error:
            self.means.log.warning("digest not sent", day=str(day), why=error.why)
            return DigestState.UNSURE if error.is_unsure else DigestState.FAILED

    async def send_now(self) -> DigestState:
        """Send the last digest that is due now.

        Raises:
            UsageError: It was sent already, or may have been.
            MailFailed: It was not taken.
        """
        day = day_due(self.means.now(), self.mail.at, self.mail.zone)
        row = await asyncio.to_thread(self._row, day)
        over = {DigestState.SENT, DigestState.SENDING, DigestState.UNSURE}
        if row is not None and row.state in over:
            raise UsageError(f"the digest of {day} is {row.state}; none is sent twice")
        return await self._post(day)

    async def _post(self, day: date) -> DigestState:
        now = self.means.now()
        digest = await asyncio.to_thread(self._compose)
        state = DigestState.SENDING if digest else DigestState.NOTHING
        await self.means.writer.run(
            lambda tx: enter_digest(tx.session, day, state, now)
        )
        if digest is None:
            return state
        delivery = Delivery(self.mail, letter(digest, self.mail, day, now))
        try:
            await _handed_over(delivery)
        except MailFailed as error:
            await self.means.writer.run(partial(self._note_failed, day, error))
            raise
        refused = "; ".join(delivery.refused)
        await self.means.writer.run(
            lambda tx: note_digest(
                tx.session,
                day,
                DigestState.SENT,
                sent_at=self.means.now(),
                why=refused,
            )
        )
        self.means.log.info("digest sent", day=str(day))
        if refused:
            self.means.log.warning("digest not sent to all", day=str(day), why=refused)
        return DigestState.SENT

    def _compose(self) -> Digest | None:
        with self.sessions() as session:
            free = self.means.folder.free_bytes()
            news = news_of(session, self.means.now(), free, self.mail.zone)
        return compose(news, always=self.mail.always)

    def _row(self, day: date) -> DigestRow | None:
        with self.sessions() as session:
            return digest_of(session, day)

    def _note_failed(self, day: date, error: MailFailed, tx: Tx) -> None:
        if error.is_unsure:
            note_digest(tx.session, day, DigestState.UNSURE, why=error.why)
            return
        row = digest_of(tx.session, day)
        wait = _FIRST_WAIT * 2 ** min((row.tries if row else 1) - 1, 10)
        again = self.means.now() + min(wait, _LONGEST_WAIT)
        note_digest(tx.session, day, DigestState.FAILED, next_try=again, why=error.why)


def is_again(row: DigestRow, now: datetime) -> bool:
    """Tell whether a digest that was not taken is to be sent again now."""
    if row.state != DigestState.FAILED:
        return False
    return row.next_try is None or row.next_try <= now


def news_of(session: Session, now: datetime, free: int, zone: tzinfo = UTC) -> News:
    """Return what the next digest is made of: all since the last one, or for a day.

    Args:
        session: For reading.
        now: Current time, UTC.
        free: Bytes free where the archive is.
        zone: In which times are told.
    """
    since = told_until(session) or now - _DAY
    alerts = alerts_since(session, since)
    alarmed = {one.name for one in alerts if one.alert.closed_at is None}
    entered = {row.name: row.created_at for row in list_sources(session)}
    unwell = long_unwell(source_health(session, now), entered, now)
    return News(
        since=since,
        now=now,
        zone=zone,
        alerts=alerts,
        unwell=[one for one in unwell if one[0] not in alarmed],
        figures=figures(session, since),
        free=free,
    )


async def _handed_over(delivery: Delivery) -> None:
    """Hand a mail over; broken off, the connection is, and what came of it is told."""
    going = asyncio.ensure_future(asyncio.to_thread(delivery.run))
    try:
        await asyncio.shield(going)
    except asyncio.CancelledError:
        delivery.abort()
        await going
        raise
