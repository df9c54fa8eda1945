"""What each kind of alert means, and what to do about it; docs/alerts.md is the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.alerts import AlertKind


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of alert, for people.

    Attributes:
        means: What is seen.
        act: What to do, with `commands` between backticks.
    """

    means: str
    act: str


_PAGE = "docs/alerts.md"
#: What an alert of ours is called.
OUTAGE = "outage"
RUNBOOK: Mapping[str, Entry] = {
    AlertKind.BLOCKED: Entry(
        "pages are refused: bot walls, logins, HTTP 401, 403, 429 and such",
        "`kliping ledger --source NAME --state blocked`, then the page with "
        "`kliping explain`. Ask the publisher; raise `delay`; "
        "`identity.contact` must be an address that is read",
    ),
    AlertKind.MISSING: Entry(
        "what lists name is not there (404, 410, or a page that says so)",
        "open one of its links: did the site move? Then `kliping source add` "
        "with its new address",
    ),
    AlertKind.UNREAD: Entry(
        "pages come, but are no articles any more",
        "`kliping explain URL`: a redesign? Site rules, tried with `kliping "
        "source test NAME --archived`; an empty shell needs `render: auto`, "
        "and one that was not rendered a browser: `kliping doctor`",
    ),
    AlertKind.SAME: Entry(
        "new articles have one and the same text",
        "a wall or an error page that looks like an article: `kliping copies "
        "ID`, `kliping explain`",
    ),
    AlertKind.SILENT: Entry(
        "nothing new for longer than ever, by its own rhythm",
        "`kliping source show NAME`: are its lists read, what do they say? "
        "Feeds are abandoned without a word: `kliping source add` finds the new "
        "ones",
    ),
    AlertKind.FEWER: Entry(
        "three days brought less than half of what is usual, or seven less than "
        "three fifths",
        "the same as for `silent`; also `kliping ledger --source NAME` for what is left out "
        "(`scope`, `budget`, `trap`)",
    ),
    AlertKind.LENGTH: Entry(
        "texts are twice as long as before, or half",
        "compare two articles of before and after; see `unread`",
    ),
    AlertKind.BOILERPLATE: Entry(
        "much more of the pages is left out than before",
        "`kliping explain`: the lines removed, and why",
    ),
    AlertKind.FIELD: Entry(
        "authors, dates, sections, images, descriptions or tags are no more there",
        "`kliping explain`: who witnesses it; a site rule may name the place",
    ),
    AlertKind.FLOOD: Entry(
        "five times what is usual, and fifty more",
        "a new list, a calendar, or an archive that is put online: "
        "`daily_links` bounds it",
    ),
    OUTAGE: Entry(
        "nearly all sources at once: it is we who fail, or the network; or the "
        "service did not run",
        "`kliping doctor`; alerts of sources wait until six hours after it",
    ),
}


def runbook(kind: AlertKind | None) -> str:
    """Return where the docs say what to do about an alert of a kind; None is ours."""
    return f"{_PAGE}#{kind or OUTAGE}"


def advice(kind: AlertKind | None) -> str:
    """Return what to do about an alert of a kind."""
    return RUNBOOK[kind or OUTAGE].act
