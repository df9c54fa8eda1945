"""What was taken down, at the doors."""

from fastapi import HTTPException
from sqlmodel import Session

from storage.model.takedown import Depth
from storage.sql.lookup import Match, withheld_at


def refuse_withheld(session: Session, url: str, match: Match = Match.EXACT) -> None:
    """Answer 451 where captures of a URL are hidden; excluded ones never were there."""
    if match is Match.EXACT and withheld_at(session, url) is Depth.HIDE:
        raise HTTPException(451, f"{url} was taken down.")
