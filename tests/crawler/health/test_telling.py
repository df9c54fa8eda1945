"""What others are told, and how it is signed."""

import json
from datetime import timedelta

import pytest

from crawler.health.telling import body_of, event_of, next_try, signature, signed
from storage.alerts import Alert, AlertKind, Loss
from storage.sql.events import Event
from tests.storage.material import NOON

EVENT = Event(id=7, at=NOON, type="source.degraded", data={"source": "Kälte"})


def alert(**changed: object) -> Alert:
    given = {
        "source": 1,
        "loss": Loss.ARTICLES,
        "kind": AlertKind.SILENT,
        "why": "nothing came",
        "bad_since": NOON,
        "opened_at": NOON,
    }
    return Alert(**given | changed)  # type: ignore[arg-type]


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of its specification."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["words of ours", "whsec_not base64!"])
def test_any_text_is_a_secret(secret: str) -> None:
    made = signature(secret, "a", "1", b"x")

    assert made.startswith("v1,")
    assert made != signature(f"{secret}?", "a", "1", b"x")


def test_an_event_has_the_same_name_each_time() -> None:
    first = dict(signed("s", 7, b"{}", NOON))
    later = dict(signed("s", 7, b"{}", NOON + timedelta(hours=1)))

    assert first["webhook-id"] == later["webhook-id"] == "evt_7"
    assert first["webhook-signature"] != later["webhook-signature"]


def test_an_event_is_sent_as_json() -> None:
    said = json.loads(body_of(EVENT))

    assert said["type"] == "source.degraded"
    assert said["timestamp"].endswith("Z")
    assert said["data"] == {"source": "Kälte"}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "source.degraded"),
        ({"closed_at": NOON}, "source.recovered"),
        ({"loss": Loss.OURS, "source": None, "kind": None}, "service.outage"),
        ({"loss": Loss.OURS, "kind": None, "closed_at": NOON}, "service.back"),
    ],
)
def test_an_alert_is_an_event_of_its_type(
    changed: dict[str, object], kind: str
) -> None:
    found, data = event_of(alert(**changed), "Courier")

    assert found == kind
    assert (data["source"], data["why"]) == ("Courier", "nothing came")


@pytest.mark.parametrize(
    ("tries", "wait"),
    [(0, timedelta(minutes=1)), (3, timedelta(minutes=8)), (99, timedelta(days=1))],
)
def test_what_is_not_taken_waits_longer_each_time(tries: int, wait: timedelta) -> None:
    event = Event(id=7, at=NOON, type="x", data={}, tries=tries)

    assert next_try(event, NOON) == NOON + wait


def test_after_three_days_it_is_not_sent_any_more() -> None:
    assert next_try(EVENT, NOON + timedelta(days=3, hours=1)) is None
