"""What a hub's deliveries are worth, and how far it is trusted (WebSub, W3C 2018). Pure.

A delivery is a hint: the feed is read at once, from its publisher's own server,
so nothing that a hub says is ever evidence. A hub that is slow, silent or lying
costs requests within bounds, and never news: polling goes on.
"""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.timing.when import FLOOR
from crawler.websub.hubs import is_in_force
from storage.model.link import Link
from storage.model.websub import Asking, Heed, Subscription

#: Least time between two readings of a feed that a hub asks for.
HINT_PAUSE = timedelta(minutes=1)
#: How late a hub may be with what a reading has found before it.
LATE = timedelta(minutes=10)
#: A hub that has delivered nothing for this long may be silent for ever.
LATELY = timedelta(days=7)
#: Digests a hub may sign with (section 7.1). SHA-1 is what most hubs of
#: PubSubHubbub 0.4 have; as a key's hash it is not broken.
DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})


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
    elif news and is_in_force(push, now):
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
    tells = is_in_force(push, now) and now - push.delivered_at <= LATELY
    return tells and heed.missed_at is None and heed.idle == 0


def _was_told(push: Subscription, read_at: datetime | None) -> bool:
    told = push.delivered_at
    return told is not None and (read_at is None or told > read_at)
