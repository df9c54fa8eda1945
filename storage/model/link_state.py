"""Where a link stands in the ledger."""

from enum import StrEnum


class LinkState(StrEnum):
    """Where a link stands in the ledger; every link is in exactly one state.

    `WAITING` has not been fetched, `CAPTURED` is safe but not extracted,
    `WATCHED` is a feed, sitemap or section polled again and again. All others
    are ends, each with a reason; `ARCHIVED` and `GONE` are still revisited, and
    `BUDGET` waits for a later day. `KEPT` is an image or a style of a page.
    `EXCLUDED` and `ERASED` were taken down.
    """

    WAITING = "waiting"
    CAPTURED = "captured"
    WATCHED = "watched"
    ARCHIVED = "archived"
    KEPT = "kept"
    DUPLICATE = "duplicate"
    NOT_ARTICLE = "not_article"
    ROBOTS = "robots"
    REFUSED = "refused"
    BLOCKED = "blocked"
    SCOPE = "scope"
    TOO_OLD = "too_old"
    BUDGET = "budget"
    TRAP = "trap"
    GONE = "gone"
    ERROR = "error"
    DEAD = "dead"
    EXCLUDED = "excluded"
    ERASED = "erased"
