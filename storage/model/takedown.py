"""A takedown: how deep it goes, on what ground, and where it stands."""

from enum import StrEnum


class Depth(StrEnum):
    """How deep a takedown goes: no more shown, no more known, no more there."""

    HIDE = "hide"
    EXCLUDE = "exclude"
    ERASE = "erase"


class Ground(StrEnum):
    """The class of reason that somebody asked for a takedown, or we made one."""

    LAW = "law"
    PRIVACY = "privacy"
    RIGHTS = "rights"
    REQUEST = "request"
    OTHER = "other"


#: The ground of an erasure that nobody asked for: captures outlived their time.
RETENTION = "retention"


class TakedownState(StrEnum):
    """Where a takedown stands; an `ERASING` one is finished whatever happens."""

    STANDING = "standing"
    LIFTED = "lifted"
    ERASING = "erasing"
    ERASED = "erased"
