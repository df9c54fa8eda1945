"""How an article differs from its version before."""

from enum import StrEnum


class Change(StrEnum):
    """How an article differs from its version before."""

    FIRST = "first"
    SAME = "same"
    COSMETIC = "cosmetic"
    MOVED = "moved"
    HEADLINE = "headline"
    CORRECTION = "correction"
    REWRITE = "rewrite"
    TRUNCATED = "truncated"
    RESTORED = "restored"
    GONE = "gone"
