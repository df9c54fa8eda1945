"""Subscriptions in every state, for tests of decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.websub.hubs import Announcement, Fresh, announced
from storage.model.websub import Asking, Subscription

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SAID = Announcement(hub="https://hub.example/", topic="https://town.example/feed")
FRESH = Fresh(base="https://kliping.example/websub", path="p" * 43, secret="s" * 43)


def subscription(**more: object) -> Subscription:
    begun = announced(None, SAID, 7, FRESH, NOW)
    assert begun is not None
    return replace(begun, **more)  # type: ignore[arg-type]


def asked(mode: Asking = Asking.SUBSCRIBE, **more: object) -> Subscription:
    return subscription(asking=mode, asked_at=NOW, next_run=NOW + HOUR, **more)


def verified(**more: object) -> Subscription:
    return subscription(until=NOW + 10 * DAY, next_run=NOW + 8 * DAY, **more)
