"""How one source is treated, once its group and the defaults are applied."""

from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crawler.config.hours import is_open, opens_at, read_hours
from crawler.config.tree import (
    DELAY_WITHOUT_CONTACT,
    Assets,
    Config,
    Manners,
    Part,
    Render,
    RuleSets,
    Source,
)
from crawler.extract.source import SiteRules


class Plan(Part):
    """What holds for one source once group and defaults are applied."""

    delay: timedelta
    response_factor: float
    poll: timedelta
    max_age: timedelta
    revisit: timedelta
    revisit_until: timedelta
    revisit_share: float
    daily_links: int
    timezone: str
    active: str | None
    language: str | None
    rules: RuleSets | None
    render: Render = "never"
    assets: Assets = "none"
    http2: bool = False
    keep_lists: timedelta | None = None
    keep_looks: timedelta | None = None

    @property
    def zone(self) -> tzinfo:
        """Where the source keeps its hours."""
        return ZoneInfo(self.timezone)

    def is_open(self, now: datetime) -> bool:
        """Tell whether the source may be asked at this time."""
        return self.active is None or is_open(read_hours(self.active), now, self.zone)

    def opens_at(self, now: datetime) -> datetime:
        """Return when the source may be asked, from this time on."""
        return opens_at(read_hours(self.active), now, self.zone) if self.active else now

    def rules_on(self, day: date) -> SiteRules | None:
        """Return the site rules that hold on a day, for the extractor."""
        held = next((r for r in self.rules or () if r.hold_on(day)), None)
        return SiteRules(**held.model_dump()) if held else None


def plan_for(source: Source, config: Config) -> Plan:
    """Return a source's manners: its own, else its group's, else the defaults.

    Without a contact in the identity no delay is under DELAY_WITHOUT_CONTACT.
    """
    group = config.groups.get(source.group or "", Manners())
    values = {
        name: next(
            (
                v
                for level in (source, group, config.defaults)
                if (v := getattr(level, name)) is not None
            ),
            None,
        )
        for name in Plan.model_fields
    }
    plan = Plan.model_validate(values)
    if config.identity.contact:
        return plan
    return plan.model_copy(update={"delay": max(plan.delay, DELAY_WITHOUT_CONTACT)})


def stray_plan(config: Config) -> Plan:
    """Return the manners for links that belong to no source."""
    return plan_for(Source(name="stray", home="https://stray.invalid/"), config)
