"""How often a watched page is read, and why, for `kliping source show`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from crawler.config.plan import Plan
from crawler.config.tree import Config
from crawler.sources.watching import market_of
from crawler.timing.rates import Week, read_rhythm
from crawler.timing.when import DEAD_AT
from crawler.units import write_duration
from storage.sql.tables import LinkRow

_MINUTE = timedelta(minutes=1)


def poll_facts(link: LinkRow, plan: Plan, now: datetime) -> dict[str, Any]:
    """Return a page's interval, what decided it, and what is known of its news."""
    rhythm = link.rhythm
    if link.failures > 0:
        why = f"backs off after failures (score {link.failures:g}, dead at {DEAD_AT:g})"
    else:
        why = str(rhythm["why"]) if rhythm else "never read"
    interval = None if link.interval_s is None else _about(link.interval_s)
    return {
        "interval": interval,
        "why": why,
        **(_news_facts(rhythm, plan, now) if rhythm else {}),
    }


def budget_facts(session: Session, config: Config) -> dict[str, Any]:
    """Return the readings a day of all pages, and what one must be worth for that."""
    market = market_of(session, config)
    return {
        "pages": market.pages,
        "polls_per_day": market.readings,
        "price": float(f"{market.price:.3g}"),
    }


def _news_facts(
    document: Mapping[str, Any], plan: Plan, now: datetime
) -> dict[str, Any]:
    rhythm = read_rhythm(document)
    week, local = Week.of(rhythm, plan.zone), now.astimezone(plan.zone)
    usual = week.usual(local.weekday(), local.hour)
    return {
        "articles_a_day": round(rhythm.level, 2),
        "articles_an_hour": {
            "usual_now": round(usual, 3),
            "at_last_reading": f"{rhythm.spell:.2g} times the usual",
        },
        "list_holds": rhythm.listed or None,
        "list_asks": _about(rhythm.asks_s) if rhythm.asks_s else None,
    }


def _about(seconds: float) -> str:
    minutes = max(round(timedelta(seconds=seconds) / _MINUTE), 1)
    return write_duration(minutes * _MINUTE)
