"""What to ask of a hub and when, and what to confirm to it (WebSub, W3C 2018). Pure.

What is delivered then is the matter of `crawler.websub.deliveries`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.errors import BadUrl
from crawler.fetch.request import next_url
from crawler.timing.when import retry_at
from crawler.units import write_duration
from crawler.urls import host_key
from storage.model.exchange import Exchange
from storage.model.websub import Asking, Subscription

LEASE_ASKED = timedelta(days=10)
#: A lease shorter than this is no offer, and one longer than that is not relied on.
LEASE_LEAST, LEASE_MOST = timedelta(hours=1), timedelta(days=30)
#: The share of a lease after which it is renewed.
RENEWED_AFTER = 0.8
#: A hub that has not verified by then has failed; it may still do so.
VERIFIED_WITHIN = timedelta(hours=1)
DENIED_FOR = timedelta(days=7)
MOST_HOPS = 5
#: How often a hub is asked to let go, before its lease is left to end.
MOST_PARTINGS = 3.0
#: A feed that names other hubs in turn changes its hub once in this time.
CHANGES_AFTER = timedelta(days=1)
_LONGEST_CHALLENGE = 2_000
_LONGEST_REASON = 200
#: Random bytes of a path, and of a secret.
SECRET_BYTES = 32
_PATH_LENGTH = 43  # of as many bytes in base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Which hub a feed names, for what topic; `is_private` is of its own address."""

    hub: str
    topic: str
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What a new subscription is given: our public base URL, and two random words."""

    base: str
    path: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done about a subscription that is due.

    `subscription` is how it stands then, None when it is forgotten; `form` is what
    its endpoint is sent, or None.
    """

    subscription: Subscription | None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """An answer to a hub's question: the challenge, or None to refuse.

    `subscription` is how it stands then; None when it is forgotten.
    """

    subscription: Subscription | None
    challenge: str | None


# ---- what feeds announce -------------------------------------------------------


def announced(
    known: Subscription | None,
    said: Announcement | None,
    link: int,
    fresh: Fresh,
    now: datetime,
) -> Subscription | None:
    """Return the subscription of a feed after it was read, None for none.

    Another hub or topic, or none any more, counts only after a day without the
    one that is known: else a feed could have us ask a new hub at every reading.
    The old hub is left to find nobody at its callback.
    """
    if known is None:
        return _begun(said, link, fresh, now) if said else None
    if said and (said.hub, said.topic) == (known.hub, known.topic):
        return replace(known, announced_at=now)
    if now - known.announced_at < CHANGES_AFTER:
        return known
    return _begun(said, link, fresh, now) if said else _parting(known, now)


def _begun(said: Announcement, link: int, fresh: Fresh, now: datetime) -> Subscription:
    return Subscription(
        link=link,
        hub=said.hub,
        endpoint=said.hub,
        host=host_key(said.hub),
        topic=said.topic,
        callback=f"{fresh.base}/{fresh.path}",
        path=fresh.path,
        secret=fresh.secret,
        is_private=said.is_private,
        announced_at=now,
        next_run=now,
    )


# ---- what a hub is asked for ---------------------------------------------------


def due_step(
    known: Subscription, *, wanted: bool, now: datetime, jitter: float
) -> Step:
    """Return what is done about a subscription that is due.

    Args:
        known: How it stands.
        wanted: Whether its feed is still read, and its callback still ours.
        now: Current time, UTC.
        jitter: A number in 0..1.
    """
    if known.asking is Asking.UNSUBSCRIBE or not wanted:
        return _leave(known, now, jitter)
    if known.asked_at is not None:
        why = f"not verified within {write_duration(VERIFIED_WITHIN)}"
        return Step(subscription=failed(known, why, now, jitter))
    return _ask(replace(known, asking=Asking.SUBSCRIBE), now)


def _leave(known: Subscription, now: datetime, jitter: float) -> Step:
    """Ask a hub to let go of what it may hold; forget what it does not."""
    if known.asking is not Asking.UNSUBSCRIBE:
        if known.asking is None and known.until is None:
            return Step(subscription=None)
        known = _parting(known, now)
    elif known.asked_at is not None:
        known = failed(known, "unsubscribing was not verified", now, jitter)
    if known.failures >= MOST_PARTINGS:
        return Step(subscription=None)
    return _ask(known, now)


def _parting(known: Subscription, now: datetime) -> Subscription:
    return replace(
        known,
        asking=Asking.UNSUBSCRIBE,
        asked_at=None,
        until=None,
        failures=0.0,
        next_run=now,
    )


def _ask(known: Subscription, now: datetime) -> Step:
    asked = replace(known, asked_at=now, next_run=now + VERIFIED_WITHIN)
    form = {
        "hub.mode": str(asked.asking),
        "hub.topic": asked.topic,
        "hub.callback": asked.callback,
    }
    if asked.asking is Asking.SUBSCRIBE:
        form["hub.secret"] = asked.secret
        form["hub.lease_seconds"] = f"{LEASE_ASKED.total_seconds():.0f}"
    return Step(subscription=asked, form=form)


def after_answer(
    known: Subscription,
    answer: Exchange,
    now: datetime,
    jitter: float,
    retry_after: timedelta | None = None,
) -> Subscription:
    """Return a subscription after its hub answered a request.

    A hub may verify before it answers; then the answer says nothing more. 307 and
    308 lead on (section 5.1), to their own host's turn; never out of TLS, for the
    request holds the secret.
    """
    if known.asked_at is None:
        return known
    if 200 <= answer.status < 300:
        return replace(known, endpoint=known.hub, host=host_key(known.hub), hops=0)
    if answer.status in {307, 308}:
        return _moved(known, answer, now, jitter)
    return failed(known, f"HTTP {answer.status}", now, jitter, at_least=retry_after)


def _moved(
    known: Subscription, answer: Exchange, now: datetime, jitter: float
) -> Subscription:
    try:
        target = next_url(answer)
    except BadUrl as error:
        return failed(known, f"redirects to a bad URL: {error.why}", now, jitter)
    if target is None:
        return failed(known, f"HTTP {answer.status} to nowhere", now, jitter)
    if known.endpoint.startswith("https:") and not target.startswith("https:"):
        return failed(known, "redirects out of TLS", now, jitter)
    if known.hops >= MOST_HOPS:
        return failed(known, f"over {MOST_HOPS} redirects", now, jitter)
    return replace(
        known,
        endpoint=target,
        host=host_key(target),
        hops=known.hops + 1,
        asked_at=None,
        next_run=now,
    )


def failed(
    known: Subscription,
    why: str,
    now: datetime,
    jitter: float,
    *,
    at_least: timedelta | None = None,
) -> Subscription:
    """Return a subscription whose hub could not be asked, refused, or kept silent."""
    failures = known.failures + 1
    return replace(
        known,
        endpoint=known.hub,
        host=host_key(known.hub),
        hops=0,
        asked_at=None,
        failures=failures,
        reason=why[:_LONGEST_REASON],
        next_run=retry_at(failures, now=now, jitter=jitter, at_least=at_least),
    )


# ---- what a hub asks and says --------------------------------------------------


def is_path(path: str) -> bool:
    """Tell whether this may be a subscription's path: 32 bytes in base64url."""
    letters = path.replace("-", "a").replace("_", "a")
    return len(path) == _PATH_LENGTH and letters.isascii() and letters.isalnum()


def confirm(
    known: Subscription, said: Mapping[str, str], now: datetime, jitter: float
) -> Confirmation | None:
    """Answer a hub's verification of intent (section 5.3); None changes nothing.

    Only what was asked for and is not verified is confirmed: so no forger, and no
    replay, begins, prolongs or ends anything.

    Args:
        known: The subscription at the path that was asked.
        said: The query's parameters.
        now: Current time, UTC.
        jitter: A number in 0..1.
    """
    mode, challenge = said.get("hub.mode"), said.get("hub.challenge", "")
    if said.get("hub.topic") != known.topic:
        return None
    if mode == "denied" and known.asking is not Asking.UNSUBSCRIBE:
        return Confirmation(subscription=_denied(known, said, now), challenge="")
    if mode != known.asking or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return None
    if mode == Asking.UNSUBSCRIBE:
        return Confirmation(subscription=None, challenge=challenge)
    return _verified(known, said, challenge, now, jitter)


def _denied(
    known: Subscription, said: Mapping[str, str], now: datetime
) -> Subscription:
    reason = "".join(c if c.isprintable() else " " for c in said.get("hub.reason", ""))
    return replace(
        known,
        asking=None,
        asked_at=None,
        until=None,
        is_denied=True,
        reason=reason[:_LONGEST_REASON],
        next_run=now + DENIED_FOR,
    )


def _verified(
    known: Subscription,
    said: Mapping[str, str],
    challenge: str,
    now: datetime,
    jitter: float,
) -> Confirmation:
    lease = _lease(said.get("hub.lease_seconds"))
    if lease < LEASE_LEAST:
        if known.asked_at is None:
            return Confirmation(subscription=known, challenge=None)
        why = f"a lease of {lease.total_seconds():.0f} s"
        return Confirmation(
            subscription=failed(known, why, now, jitter), challenge=None
        )
    return Confirmation(
        subscription=replace(
            known,
            endpoint=known.hub,
            host=host_key(known.hub),
            hops=0,
            asking=None,
            asked_at=None,
            until=now + lease,
            is_denied=False,
            failures=0.0,
            reason="",
            next_run=now + lease * RENEWED_AFTER * (0.95 + 0.1 * jitter),
        ),
        challenge=challenge,
    )


def _lease(stated: str | None) -> timedelta:
    """Return how long a hub's word is relied on; what is no number is no lease.

    Hubs of before 2013 state none and mean what was asked for.
    """
    if stated is None:
        return LEASE_ASKED
    if not (stated.isascii() and stated.isdigit()):
        return timedelta(0)
    return min(timedelta(seconds=int(stated[:9])), LEASE_MOST)


# ---- how it stands -------------------------------------------------------------


def is_in_force(push: Subscription, now: datetime) -> bool:
    """Tell whether a hub has verified, for a lease that goes on."""
    return push.until is not None and push.until > now


def standing(known: Subscription | None, now: datetime) -> str:
    """Return how a feed's subscription stands, in few words."""
    if known is None:
        return "none"
    if known.asking is Asking.UNSUBSCRIBE:
        return "leaving"
    if is_in_force(known, now):
        late = f"; renewing fails: {known.reason}" if known.failures else ""
        return f"verified until {known.until:%Y-%m-%d %H:%M}{late}"
    if known.is_denied:
        return f"denied: {known.reason or 'no reason given'}"
    if known.failures:
        return f"failing: {known.reason}"
    return "pending" if known.asking else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubReport:
    """How the subscription of a feed stands.

    Attributes:
        feed: The feed's URL.
        standing: `none`, `pending`, `leaving`, or `verified until`, `denied` and
            `failing` with what is to be said of it.
        hub: Whom the feed names.
        delivered_at: The last delivery with a right signature.
        deliveries: How many there were.
        rejected: How many had none.
        missed_at: When a reading found news that the hub had not told of; it is not
            trusted until it tells of news again.
    """

    feed: str
    standing: str
    hub: str | None = None
    delivered_at: datetime | None = None
    deliveries: int = 0
    rejected: int = 0
    missed_at: datetime | None = None


def hub_report(feed: str, known: Subscription | None, now: datetime) -> HubReport:
    """Return how the subscription of a feed stands, without its secrets."""
    said = standing(known, now)
    if known is None:
        return HubReport(feed=feed, standing=said)
    return HubReport(
        feed=feed,
        standing=said,
        hub=known.hub,
        delivered_at=known.delivered_at,
        deliveries=known.deliveries,
        rejected=known.rejected,
        missed_at=known.missed_at,
    )
