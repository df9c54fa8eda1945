"""What a capture is: an article, or one of the things that are none."""

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """What a capture is."""

    ARTICLE = "article"
    HUB = "hub"
    SOFT_404 = "soft_404"
    CONSENT = "consent"
    BOT_WALL = "bot_wall"
    TEASER = "teaser"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a capture is, and the evidence that says so."""

    kind: VerdictKind
    evidence: tuple[str, ...]
