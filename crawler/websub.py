"""What to ask of a hub and when, what to believe of it (WebSub, W3C 2018). Pure.

A delivery is a hint: the feed is read at once, from its publisher's own server,
so nothing that a hub says is ever evidence. A hub that is slow, silent or lying
costs requests within bounds, and never news: polling goes on.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.errors import BadUrl
from crawler.fetch.request import next_url
from crawler.units import write_duration
from crawler.urls import host_key
from crawler.when import FLOOR, retry_at
from storage.model import Asking, Exchange, Heed, Link, Subscription

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
#: Least time between two readings of a feed that a hub asks for.
HINT_PAUSE = timedelta(minutes=1)
#: How late a hub may be with what a reading has found before it.
LATE = timedelta(minutes=10)
#: A hub that has delivered nothing for this long may be silent for ever.
LATELY = timedelta(days=7)
#: Digests a hub may sign with (section 7.1). SHA-1 is what most hubs of
#: PubSubHubbub 0.4 have; as a key's hash it is not broken.
DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})
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


# ---- what a hub delivers -------------------------------------------------------


class Signature:
    """A delivery's signature, checked while its body comes (section 7.1)."""

    def __init__(self, secret: str, header: str | None) -> None:
        """Take the secret and `X-Hub-Signature`: a method, `=`, a digest in hex."""
        method, _, self._stated = (header or "").strip().partition("=")
        method = method.lower()
        self._made = (
            hmac.new(secret.encode(), digestmod=method) if method in DIGESTS else None
        )

    def feed(self, part: bytes) -> None:
        """Take a part of the raw body."""
        if self._made is not None:
            self._made.update(part)

    def is_right(self) -> bool:
        """Tell, in constant time, whether whoever signed knows the secret."""
        if self._made is None:
            return False
        made = self._made.hexdigest().encode()
        stated = self._stated.strip().lower().encode("latin-1", "replace")
        return hmac.compare_digest(made, stated)


def rejected(known: Subscription) -> Subscription:
    """Return a subscription after a body without a right signature: it is counted."""
    return replace(known, rejected=known.rejected + 1)


def delivered(known: Subscription, failures: float, now: datetime) -> Subscription:
    """Return a subscription after a delivery; its `hint_at` is when to read the feed.

    At once, but for the pause since the last reading that a hub asked for. A feed
    that fails is not read sooner: its back-off holds; nor is one whose hub is left.

    Args:
        known: The subscription.
        failures: The feed's back-off score.
        now: Current time, UTC.
    """
    owed = known.hinted_at + hint_pause(known.idle) if known.hinted_at else now
    is_late = known.missed_at is not None and now - known.missed_at <= LATE
    is_heard = failures == 0 and known.asking is not Asking.UNSUBSCRIBE
    return replace(
        known,
        delivered_at=now,
        deliveries=known.deliveries + 1,
        missed_at=None if is_late else known.missed_at,
        hint_at=max(now, owed) if is_heard else None,
    )


def hint_pause(idle: int) -> timedelta:
    """Return the least time between two readings of a feed that a hub asks for.

    A minute; it doubles with each delivery that brought nothing, to ten.
    """
    doubled: int = 2 ** min(idle, 10)
    return min(HINT_PAUSE * doubled, FLOOR)


# ---- what a reading teaches of the hub -----------------------------------------


def heed_reading(link: Link, news: int, now: datetime) -> Heed | None:
    """Return what a reading of a feed teaches of its hub; None where there is none.

    Args:
        link: The feed, as it was before it was read.
        news: New links it brought.
        now: Current time, UTC.
    """
    push = link.push
    if push is None:
        return None
    missed_at, idle = push.missed_at, push.idle
    if _was_told(push, link.fetched_at):
        missed_at = None if news else missed_at
        idle = 0 if news else idle + 1
    elif news and _is_in_force(push, now):
        missed_at = now
    return Heed(
        told_at=push.delivered_at,
        missed_at=missed_at,
        idle=idle,
        pause=hint_pause(idle),
    )


def is_trusted(push: Subscription | None, heed: Heed | None, now: datetime) -> bool:
    """Tell whether a hub tells of a feed's news, so that polling may be relaxed.

    It must be verified, have delivered within a week, and its last delivery must
    have brought what it told of: a cache may still serve the feed of before. News
    that it did not tell of end the trust, until a delivery brings news again.
    """
    if push is None or heed is None or push.delivered_at is None:
        return False
    tells = _is_in_force(push, now) and now - push.delivered_at <= LATELY
    return tells and heed.missed_at is None and heed.idle == 0


def _was_told(push: Subscription, read_at: datetime | None) -> bool:
    told = push.delivered_at
    return told is not None and (read_at is None or told > read_at)


def _is_in_force(push: Subscription, now: datetime) -> bool:
    return push.until is not None and push.until > now


# ---- what people are told ------------------------------------------------------


def standing(known: Subscription | None, now: datetime) -> str:
    """Return how a feed's subscription stands, in few words."""
    if known is None:
        return "none"
    if known.asking is Asking.UNSUBSCRIBE:
        return "leaving"
    if _is_in_force(known, now):
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
