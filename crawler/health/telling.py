"""What others are told of alerts, and how it is signed (Standard Webhooks 1.0); pure."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.health.runbook import runbook
from storage.alerts import Alert, Loss
from storage.sql.events import Event

_FIRST, _LONGEST, _GIVE_UP = timedelta(minutes=1), timedelta(days=1), timedelta(days=3)
_PREFIX = "whsec_"


def event_of(alert: Alert, source: str | None) -> tuple[str, dict[str, Any]]:
    """Return the type of what an alert is to others, and what is told of it."""
    is_over = alert.closed_at is not None
    if alert.loss is Loss.OURS:
        kind = "service.back" if is_over else "service.outage"
    else:
        kind = "source.recovered" if is_over else "source.degraded"
    return kind, {
        "source": source,
        "loss": str(alert.loss),
        "kind": str(alert.kind) if alert.kind else None,
        "why": alert.why,
        "lost": round(alert.lost, 1),
        "runbook": runbook(alert.kind),
        "bad_since": _stated(alert.bad_since),
        "opened_at": _stated(alert.opened_at),
        "closed_at": _stated(alert.closed_at),
    }


def body_of(event: Event) -> bytes:
    """Return an event as it is sent."""
    said = {"type": event.type, "timestamp": _stated(event.at), "data": event.data}
    return json.dumps(said, ensure_ascii=False).encode()


def signed(
    secret: str, event: int, body: bytes, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Return the headers of an event.

    Args:
        secret: The key: `whsec_` and base64, or any text.
        event: Its number; the same each time that it is sent.
        body: What is sent.
        now: When.
    """
    name, stamp = f"evt_{event}", str(int(now.timestamp()))
    return (
        ("Content-Type", "application/json"),
        ("webhook-id", name),
        ("webhook-timestamp", stamp),
        ("webhook-signature", signature(secret, name, stamp, body)),
    )


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """Return the signature of a message (Standard Webhooks, symmetric scheme v1)."""
    text = f"{name}.{stamp}.".encode() + body
    digest = hmac.new(_key(secret), text, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def next_try(event: Event, now: datetime) -> datetime | None:
    """Return when an event that nobody took is sent again; None after three days."""
    if now - event.at > _GIVE_UP:
        return None
    wait: timedelta = _FIRST * 2 ** min(event.tries, 20)
    return now + min(wait, _LONGEST)


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        return secret.encode()


def _stated(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
