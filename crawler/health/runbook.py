"""What to do about an alert: its line of docs/alerts.md. Pure.

The last column of the table there says the same, word for word.
"""

from storage.alerts import Kind

_PAGE = "docs/alerts.md"
#: By kind; None is an outage of ours.
ADVICE: dict[Kind | None, str] = {
    Kind.BLOCKED: (
        "`kliping ledger --source NAME --state blocked`, then the page with "
        "`kliping explain`. Ask the publisher; raise `delay`; `identity.contact` must "
        "be an address that is read"
    ),
    Kind.MISSING: (
        "open one of its links: did the site move? Then `kliping source add` with its "
        "new address"
    ),
    Kind.UNREAD: (
        "`kliping explain URL`: a redesign? Site rules, tried with "
        "`kliping source test NAME --rules FILE`; an empty shell needs `render: auto`"
    ),
    Kind.SAME: (
        "a wall or an error page that looks like an article: `kliping copies ID`, "
        "`kliping explain`"
    ),
    Kind.SILENT: (
        "`kliping source show NAME`: are its lists read, what do they say? Feeds are "
        "abandoned without a word: `kliping source add` finds the new ones"
    ),
    Kind.FEWER: (
        "the same as for `silent`; also `kliping ledger --source NAME` for what is "
        "left out (`scope`, `budget`, `trap`)"
    ),
    Kind.LENGTH: "compare two articles of before and after; see `unread`",
    Kind.BOILERPLATE: "`kliping explain`: the lines removed, and why",
    Kind.FIELD: ("`kliping explain`: who witnesses it; a site rule may name the place"),
    Kind.FLOOD: (
        "a new list, a calendar, or an archive that is put online: `daily_links` "
        "bounds it"
    ),
    None: "`kliping doctor`; alerts of sources wait until six hours after it",
}


def runbook(kind: Kind | None) -> str:
    """Return where the docs say what to do about an alert of a kind."""
    return f"{_PAGE}#{kind or 'outage'}"


def advice(kind: Kind | None) -> str:
    """Return what to do about an alert of a kind."""
    return ADVICE[kind]
