"""What looks at archived articles may cost, and what they find, for `source show`."""

from datetime import datetime, timedelta
from typing import Any

from crawler.config.plan import Plan
from crawler.timing.worth import price, rates
from crawler.units import write_duration
from storage.looks import EDGES, read_tally
from storage.sql.tables import SourceRow


def looks_facts(row: SourceRow, plan: Plan, now: datetime) -> dict[str, Any]:
    """Return a source's looks of the last days, and what one must be worth now."""
    tally = read_tally(row.tally).faded(now)
    least = price(tally, plan.revisit_share)
    return {
        "share_of_requests": round(tally.spent / (tally.spent + tally.others), 3),
        "revisit_share": plan.revisit_share,
        "goes_to": "none for now"
        if least >= 1
        else f"those worth {least:.1%} and more",
        "changes_an_hour": {
            f"from {write_duration(timedelta(hours=edge))}": float(f"{rate:.2g}")
            for edge, rate in zip(EDGES, rates(tally), strict=True)
        },
        "stated_changes": round(tally.stated, 1),
        "confirmed": round(tally.confirmed, 1),
    }
