"""What becomes of a link after a fetch: facts in, a Settlement out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.config.plan import Plan
from crawler.config.tree import Render
from crawler.decisions.subsitemaps import UNNAMED, is_let_go
from crawler.errors import (
    BadUrl,
    FetchError,
    NameNotResolved,
    RefusedDestination,
    RobotsRefused,
    TakenDown,
)
from crawler.extract.headers import challenge, refusal
from crawler.extract.verdict import SCRIPTED
from crawler.redaction import redact
from crawler.timing.looks import first_past, looked, next_look, past_document, past_of
from crawler.timing.pacing import Terms, pace, pull
from crawler.timing.rates import learn, read_rhythm, rhythm_document
from crawler.timing.when import DEAD_AT, LONG_REST, retry_at
from crawler.timing.worth import Past
from crawler.units import write_duration
from crawler.websub.deliveries import heed_reading, is_trusted
from storage.model.change import Change
from storage.model.exchange import Exchange
from storage.model.link import Added, Link, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.verdict import Verdict, VerdictKind

#: Weights of the never-die back-off: a link at 30 is dead, and tried weekly.
HARD, SOFT, HICCUP = 1.0, 0.5, 0.25
_BLOCKED = frozenset({401, 402, 403, 407, 451})
_GONE = frozenset({404, 410})
#: Redirects that are meant to stay.
_FOR_GOOD = frozenset({301, 308})
#: Answers that are a whole page; a 206 was not asked for, a 204 has none.
_WHOLE = frozenset({200, 203})
#: Answers by which a host asks for a rest; the visit ends there.
OVERLOADED = frozenset({429, 503})
#: An article that was never read is given up at this score: after days, not hours.
ARTICLE_TRIES = 12.0
_DAILY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_QUARTER = timedelta(minutes=15)

#: What lists were seen to get over within minutes.
_SEEN_TO_PASS = frozenset({LinkState.GONE, LinkState.BLOCKED})
_SOON = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=16), 3 * _DAILY)
#: When an article that was never read is asked for again: a page may be listed before it
#: can be served, a wall or an error last for hours. Of robots.txt's refusal it is asked
#: there, and nothing else of its host.
_ASKED_AGAIN = {
    LinkState.GONE: _SOON,
    LinkState.ERROR: _SOON,
    LinkState.BLOCKED: (_DAILY, 2 * _DAILY),
    LinkState.ROBOTS: (_DAILY, 2 * _DAILY),
}
#: When an article that was led to another host for now is asked for again.
_LED_AWAY = (_DAILY, 3 * _DAILY)
#: Pages that say that we are not to have the story: no browser gets around them.
_REFUSALS_BY_PAGE = frozenset({VerdictKind.BOT_WALL, VerdictKind.CONSENT})
#: What the little text of a shell may be read as: its footer as an article, too.
_MAY_BE_SHELLS = frozenset({VerdictKind.ERROR, VerdictKind.ARTICLE})
_STATE_OF_VERDICT = {
    VerdictKind.ARTICLE: LinkState.ARCHIVED,
    VerdictKind.TEASER: LinkState.ARCHIVED,
    VerdictKind.HUB: LinkState.NOT_ARTICLE,
    VerdictKind.SOFT_404: LinkState.GONE,
    VerdictKind.CONSENT: LinkState.BLOCKED,
    VerdictKind.BOT_WALL: LinkState.BLOCKED,
    VerdictKind.ERROR: LinkState.ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a list said of itself: how many articles it holds, when to come again.

    `lasts` is how long an index names a sitemap, as far as it was seen; `lacks` what
    it does not give, for whoever looks.
    """

    listed: int = 0
    asks: timedelta | None = None
    lasts: timedelta | None = None
    lacks: str = ""


NOTHING_HEARD = Heard()


#: Media types of what pages show.
_IMAGES, _STYLES = "image/", "text/css"


def is_article(verdict: Verdict) -> bool:
    """Tell whether a capture is kept as an article: whole, or as a teaser."""
    return _STATE_OF_VERDICT[verdict.kind] is LinkState.ARCHIVED


def wants_rendering(render: Render, verdict: Verdict) -> bool:
    """Tell whether a browser should show a page before it is read for good."""
    if render == "auto":
        return verdict.kind in _MAY_BE_SHELLS and SCRIPTED in verdict.evidence
    return render == "always" and verdict.kind not in _REFUSALS_BY_PAGE


def after_error(
    link: Link, error: FetchError, plan: Plan, now: datetime, jitter: float
) -> Settlement:
    """Settle a link that could not be fetched."""
    if isinstance(error, RobotsRefused):
        return _ended(link, LinkState.ROBOTS, error.why, plan, now)
    if isinstance(error, (RefusedDestination, BadUrl, TakenDown)):
        return _ended(link, LinkState.REFUSED, error.why, plan, now)
    weight = HICCUP if isinstance(error, NameNotResolved) else SOFT
    return _failed(link, error.reason, weight, plan=plan, now=now, jitter=jitter)


def after_status(  # noqa: PLR0913  # each is a fact of its own
    link: Link,
    answer: Exchange,
    plan: Plan,
    *,
    now: datetime,
    jitter: float,
    retry_after: timedelta | None,
    terms: Terms | None = None,
) -> Settlement | None:
    """Settle a link by its answer's status, or return None when it is to be read.

    The terms are for a watched link; without any those of its plan alone hold.
    """
    status = answer.status
    said = refusal(answer.header) if status >= 400 else None
    reason = f"HTTP {status}, {said}" if said else f"HTTP {status}"
    if status == 304 and (link.kind.is_watched or link.archived):
        return _unchanged(link, plan, terms, now, jitter)
    if status in _WHOLE and answer.truncated is None and not answer.decode_error:
        return None
    if status in _GONE:
        return _ended(link, LinkState.GONE, reason, plan, now)
    if status in _BLOCKED or (status >= 400 and challenge(answer.header)):
        return _ended(link, LinkState.BLOCKED, reason, plan, now)
    reason += "".join(f", {lack}" for lack in answer.lacks)
    if retry_after and retry_after >= LONG_REST:
        whole = timedelta(seconds=round(retry_after.total_seconds()))
        reason += f"; to be left alone for {write_duration(whole)}, as it asked"
    weight = SOFT if status in OVERLOADED else HARD
    return _failed(
        link,
        reason,
        weight,
        plan=plan,
        now=now,
        jitter=jitter,
        at_least=retry_after,
    )


def after_takedown() -> Settlement:
    """Settle a link whose page was taken down under another address."""
    return Settlement(state=LinkState.EXCLUDED, reason="was taken down", next_run=None)


def after_move(
    link: Link, target: str, hops: Sequence[Exchange], now: datetime
) -> Settlement:
    """Settle a link that leads to another host, where it is fetched instead.

    A list that moved for good is looked at once a day. One that is led away for now
    (302, 303, 307) may be back within minutes, as one that is gone. So may an article
    be, in days: many hosts lead all pages to one of maintenance, or a login, elsewhere.
    Once it is archived there, it is not asked for here.
    """
    reason = f"moved to {target}"
    is_for_good = all(hop.status in _FOR_GOOD for hop in hops)
    if not link.kind.is_watched:
        tried = int(link.failures)
        may_return = link.kind is LinkKind.ARTICLE and tried < len(_LED_AWAY)
        again = now + _LED_AWAY[tried] if may_return and not is_for_good else None
        return Settlement(
            state=LinkState.DUPLICATE,
            reason=reason,
            next_run=again,
            failures=link.failures if is_for_good else link.failures + HARD,
        )
    if is_for_good:
        pause, failures = _DAILY, 0.0
    else:
        pause = _until_read_again(LinkState.GONE, link.failures)
        failures = link.failures + HARD
    return Settlement(
        state=LinkState.DUPLICATE,
        reason=reason,
        next_run=now + pause,
        failures=failures,
    )


def after_asset(link: Link, answer: Exchange) -> Settlement:
    """Settle an image or a style that was received; it is not asked for again."""
    stated = (answer.header("content-type") or "").lower()
    media = stated.partition(";")[0].strip()
    is_asset = media.startswith(_IMAGES) or media == _STYLES
    what = f"{media or 'untyped'}, {len(answer.body):,} bytes"
    return Settlement(
        state=LinkState.KEPT if is_asset else LinkState.ERROR,
        reason=what if is_asset else f"no image or style: {what}",
        next_run=None,
        failures=link.failures,
    )


def after_trap(why: str) -> Settlement:
    """Settle a link that is not asked for: nothing new comes of its like."""
    return Settlement(state=LinkState.TRAP, reason=why, next_run=None)


def after_poll(  # noqa: PLR0913  # each is a fact of its own
    link: Link,
    found: Added,
    plan: Plan,
    terms: Terms,
    *,
    heard: Heard = NOTHING_HEARD,
    now: datetime,
    jitter: float,
) -> Settlement:
    """Settle a feed, sitemap or section that was read: what it brought is learned."""
    rhythm = learn(
        read_rhythm(link.rhythm) if link.rhythm else None,
        found.stated,
        listed=heard.listed,
        asks=heard.asks,
        now=now,
        zone=plan.zone,
    )
    if heard.lasts is not None:
        rhythm = replace(rhythm, lasts_s=heard.lasts.total_seconds())
    if link.kind is LinkKind.SITEMAP and is_let_go(link.state, link.failures):
        reason = f"{UNNAMED}; {found.new} new in its last reading"
        return Settlement(state=LinkState.GONE, reason=reason, next_run=None)
    heed = heed_reading(link, found.new, now)
    pushed = is_trusted(link.push, heed, now)
    again = pace(rhythm, replace(terms, pushed=pushed), plan.zone)
    brought = f"{found.new} new, {found.renewed} changed"
    lacks = f"; {heard.lacks}" if heard.lacks else ""
    return Settlement(
        state=LinkState.WATCHED,
        reason=f"{brought}{lacks}; again in {_about(again.interval)}: {again.why}",
        next_run=now + again.interval * (0.9 + 0.2 * jitter),
        interval=again.interval,
        rhythm={**rhythm_document(rhythm), "why": str(again.why)},
        pull=pull(rhythm, plan.zone),
        heed=heed,
    )


def _about(interval: timedelta) -> str:
    return write_duration(timedelta(minutes=max(round(interval / _MINUTE), 1)))


def after_import(
    link: Link,
    verdict: Verdict,
    change: Change | None,
    at: datetime,
    first: str | None = None,
) -> Settlement | None:
    """Settle a link by an imported answer; None where it or a later one has.

    Nothing becomes due by an import, and what is due stays so. What is archived is.

    Args:
        link: As it stands.
        verdict: What the page is.
        change: How its article differs; None where it is archived under another link.
        at: When the answer was received.
        first: Page 1 of the article that this is a later page of, or None.
    """
    if link.fetched_at is not None and link.fetched_at >= at:
        return None
    state, reason = _STATE_OF_VERDICT[verdict.kind], str(verdict.kind)
    if first is not None:
        state, reason = LinkState.DUPLICATE, f"part_of {first}"
    elif state is LinkState.ARCHIVED and change is not None:
        reason = f"{verdict.kind}, {change}"
    elif state is LinkState.ARCHIVED:
        state, reason = LinkState.DUPLICATE, "archived under its canonical URL"
    if link.archived:
        state = LinkState.ARCHIVED
    return Settlement(state=state, reason=f"imported: {reason}", next_run=link.due)


def after_unreadable(
    link: Link, why: str, plan: Plan, now: datetime, jitter: float
) -> Settlement:
    """Settle a feed, sitemap or page whose bytes could not be read."""
    return _failed(link, why, HARD, plan=plan, now=now, jitter=jitter)


def after_article(
    link: Link,
    verdict: Verdict,
    change: Change | None,
    plan: Plan,
    now: datetime,
    *,
    marks: Sequence[str] = (),
) -> Settlement:
    """Settle an article link by its verdict; `change` None means a duplicate.

    The article's marks say whether it is a live blog.
    """
    state = _STATE_OF_VERDICT[verdict.kind]
    evidence = "; ".join(verdict.evidence)
    if state is LinkState.ARCHIVED and change is None:
        return Settlement(
            state=LinkState.DUPLICATE,
            reason="the same article is archived under its canonical URL",
            next_run=None,
        )
    if state is LinkState.ARCHIVED and change is not None:
        reason = f"{verdict.kind}, {change}"
        if link.archived:
            return _after_look(link, state, reason, change, plan, now, marks=marks)
        past = first_past(link, now, marks)
        settlement = Settlement(state=state, reason=reason, next_run=None)
        return _as_known(link, settlement, past, plan, now)
    return _ended(link, state, f"{verdict.kind}: {evidence}", plan, now)


def _after_look(  # noqa: PLR0913  # as after_article
    link: Link,
    state: LinkState,
    reason: str,
    change: Change,
    plan: Plan,
    now: datetime,
    *,
    marks: Sequence[str] = (),
) -> Settlement:
    """Settle an archived article that was looked at again."""
    past, look = looked(link, now, change, marks)
    settlement = Settlement(state=state, reason=reason, next_run=None, look=look)
    return _as_known(link, settlement, past, plan, now)


def _as_known(
    link: Link, settlement: Settlement, past: Past, plan: Plan, now: datetime
) -> Settlement:
    """Return when an article is looked at again, by what is known of it."""
    then = next_look(link, past, plan, now)
    return replace(
        settlement,
        reason=f"{settlement.reason}; {then.why}" if then.why else settlement.reason,
        next_run=then.at,
        rhythm=past_document(past),
    )


def after_part(first: str, failed: Settlement | None) -> Settlement:
    """Settle a page of an article that is kept with its first page, at `first`.

    It is asked for with that page, never by itself.
    """
    reason = f"part_of {first}"
    return Settlement(
        state=failed.state if failed else LinkState.DUPLICATE,
        reason=f"{reason}: {failed.reason}" if failed else reason,
        next_run=None,
    )


def after_partial(
    link: Link, settled: Settlement, lacking: str, now: datetime, jitter: float
) -> Settlement:
    """Settle an article whose further pages could not all be had: soon again."""
    failures = link.failures + SOFT
    again = retry_at(failures, now=now, jitter=jitter)
    later = settled.next_run
    if failures < ARTICLE_TRIES:
        later = min(again, later) if later else again
    return replace(
        settled,
        reason=f"{settled.reason}; partial: {lacking}",
        next_run=later,
        failures=failures,
    )


def _unchanged(
    link: Link, plan: Plan, terms: Terms | None, now: datetime, jitter: float
) -> Settlement:
    if link.kind.is_watched:
        nothing = Added(new=0, renewed=0)
        terms = terms or Terms(poll=plan.poll)
        return after_poll(link, nothing, plan, terms, now=now, jitter=jitter)
    state = LinkState.ARCHIVED if link.state is LinkState.GONE else link.state
    return _after_look(link, state, "not modified", Change.SAME, plan, now)


def _ended(
    link: Link, state: LinkState, reason: str, plan: Plan, now: datetime
) -> Settlement:
    """Settle by a plain answer; watched and archived links are asked again.

    So is an article that was never read, a few times. No wall replaces what is
    archived.
    """
    if link.archived:
        stands = state if state is LinkState.GONE else LinkState.ARCHIVED
        return replace(
            _after_look(link, stands, reason, Change.SAME, plan, now),
            look=None,  # a wall says nothing of changes
            fault=state,
        )
    again: datetime | None = None
    pauses, before = _ASKED_AGAIN.get(state, ()), int(link.failures)
    if link.kind.is_watched:
        again = now + _until_read_again(state, link.failures)
    elif link.kind is not LinkKind.ASSET and before < len(pauses):
        again = now + pauses[before]
    failures = link.failures + HARD
    return Settlement(state=state, reason=reason, next_run=again, failures=failures)


def _until_read_again(state: LinkState, failures: float) -> timedelta:
    """Return how long a list that cannot be had is left alone: a day in the end.

    A feed may be missing or walled off for the minutes of a release only, and what
    it drops until it is read again is lost.
    """
    if state not in _SEEN_TO_PASS:
        return _DAILY
    return min(_QUARTER * 2 ** min(failures, 10.0), _DAILY)


def _failed(  # noqa: PLR0913
    link: Link,
    reason: str,
    weight: float,
    *,
    plan: Plan,
    now: datetime,
    jitter: float,
    at_least: timedelta | None = None,
) -> Settlement:
    failures, fault = link.failures + weight, None
    again: datetime | None = retry_at(
        failures, now=now, jitter=jitter, at_least=at_least
    )
    if link.kind.is_watched:
        state = LinkState.DEAD if failures >= DEAD_AT else LinkState.ERROR
    elif link.archived:
        state, fault = link.state, LinkState.ERROR
        later = next_look(link, past_of(link), plan, now).at
        again = max(again, later) if again and later else None
    else:
        state = LinkState.ERROR
        again = again if failures < ARTICLE_TRIES else None
    return Settlement(
        state=state,
        reason=redact(reason),
        next_run=again,
        failures=failures,
        fault=fault,
    )
