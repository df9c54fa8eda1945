"""Alerts: that something should be looked at. Nouns; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertKind(StrEnum):
    """What may be wrong with a source."""

    SILENT = "silent"
    FEWER = "fewer"
    FLOOD = "flood"
    BLOCKED = "blocked"
    MISSING = "missing"
    UNREAD = "unread"
    SAME = "same"
    LENGTH = "length"
    BOILERPLATE = "boilerplate"
    FIELD = "field"


class Loss(StrEnum):
    """What an alert is about."""

    ARTICLES = "articles"
    QUALITY = "quality"
    OURS = "ours"


class AlertState(StrEnum):
    """Whether an alert goes on."""

    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that somebody should look at, as it stands.

    Attributes:
        source: Whose, by id; None for ours.
        loss: What is lost.
        kind: What is wrong foremost; None for ours.
        why: The figures of all that is wrong, for people.
        bad_since: Since when it is seen.
        opened_at: When it was certain; None while it is only suspected.
        fine_since: Since when nothing of it is seen any more, or None.
        closed_at: When it was over, or None.
        is_told: Whether the week's budget allowed to send it.
        lost: New articles that are missing by it, at its worst.
    """

    source: int | None
    loss: Loss
    why: str
    bad_since: datetime
    kind: AlertKind | None = None
    opened_at: datetime | None = None
    fine_since: datetime | None = None
    closed_at: datetime | None = None
    is_told: bool = False
    lost: float = 0.0

    @property
    def is_left(self) -> bool:
        """Whether it is over because its source is not judged any more, not for good."""
        return self.closed_at is not None and self.fine_since is None
