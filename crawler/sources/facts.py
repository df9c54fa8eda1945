"""All about a source: its settings as used, where it is watched, how it fares."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.sources.looks import looks_facts
from crawler.sources.polls import budget_facts, poll_facts
from crawler.units import write_duration
from crawler.websub.hubs import hub_report
from storage.model.link_kind import LinkKind
from storage.sql.census import ledger_counts
from storage.sql.coverage import source_coverage
from storage.sql.sources import watched_links
from storage.sql.subscriptions import subscription_of
from storage.sql.tables import LinkRow, SourceRow
from storage.sql.visits import resting

#: A rest that is over so soon is the usual pause.
_MOMENT = timedelta(minutes=1)


def source_facts(
    session: Session, row: SourceRow, config: Config, now: datetime
) -> dict[str, Any]:
    """Return all about a source: settings, manners in force, watched URLs, states."""
    source = Source.model_validate(row.settings)
    plan = plan_for(source, config)
    lists = watched_links(session, row)
    rests = resting(session, {link.host for link in lists}, now + _MOMENT)
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "origin": row.origin,
        "created_at": row.created_at,
        "boost_until": row.boost_until,
        "may_be_asked": "now" if plan.is_open(now) else plan.opens_at(now),
        "settings": row.settings,
        "manners": {
            name: write_duration(value) if hasattr(value, "total_seconds") else value
            for name, value in plan.model_dump().items()
        },
        "watched": [
            {
                name: getattr(link, name)
                for name in ("url", "kind", "state", "reason", "fetched_at", "next_run")
            }
            | {"polls": poll_facts(link, plan, now)}
            | {"rests_until": rests.get(link.host)}
            | _hub_facts(session, link, now)
            for link in lists
        ],
        "budget": budget_facts(session, config),
        "looks": looks_facts(row, plan, now),
        "states": ledger_counts(session, row.id).get(row.name, {}),
        "coverage": asdict(source_coverage(session, int(row.id or 0), now)),
    }


def _hub_facts(session: Session, link: LinkRow, now: datetime) -> dict[str, Any]:
    """Return how the hub of a feed fares; nothing of other pages."""
    if link.kind != LinkKind.FEED:
        return {}
    known = subscription_of(session, int(link.id or 0))
    facts = asdict(hub_report(link.url, known, now))
    return {"websub": {name: facts[name] for name in facts if name != "feed"}}
