"""Whether an article's page still stands: what is noted, and told, when that changes."""

from datetime import timedelta

from sqlmodel import Session

from crawler.events.announcing import announce_back, announce_gone
from crawler.means import Means
from storage.model.link import Link
from storage.sql.articles import mark_back, mark_gone
from storage.sql.moves import ask_duplicates

_LOOK_ELSEWHERE = timedelta(hours=1)


def note_gone(means: Means, session: Session, link: Link) -> None:
    """Note that an article's page is gone, and have its other addresses looked at.

    Not at once: many pages are away for the minutes of a release.
    """
    now = means.now()
    if mark_gone(session, link.id, now):
        announce_gone(means, session, link, now)
        ask_duplicates(session, link.id, now + _LOOK_ELSEWHERE)


def note_back(means: Means, session: Session, link: Link) -> None:
    """Note that an article's page is there again as it was."""
    if mark_back(session, link.id):
        announce_back(means, session, link, means.now())
