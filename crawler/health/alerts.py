"""Which alerts open, go on and close; pure.

A source has at most two that are open: that it loses articles, and that its articles lose
something. Where very many sources seem to fail at once, it is we who do: one alert says
so, and theirs wait until that is over.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.health.signs import Level, Sign
from storage.alerts import Alert, AlertKind, Loss

#: A sign that is bad for so long opens an alert; one that is fine for so long closes it.
CONFIRM, CLEAR = timedelta(hours=1), timedelta(hours=6)
#: After an outage of ours what it left behind is waited for.
GRACE = timedelta(hours=6)
#: So many sources, and such a part of them, do not fail by chance together.
FLEET_LEAST, FLEET_SHARE = 5, 0.25
#: When no source at all brings anything for so long, so many missed articles are enough.
FLEET_PAUSE, FLEET_MISSED = timedelta(minutes=30), 12.0
_WEEK = timedelta(days=7)
#: Why an alert closes that nobody has seen the end of.
_UNJUDGED = "not judged any more: paused, removed, or known for too few days"


_LOSS = dict.fromkeys(AlertKind, Loss.ARTICLES) | dict.fromkeys(
    (AlertKind.FLOOD, AlertKind.LENGTH, AlertKind.BOILERPLATE, AlertKind.FIELD),
    Loss.QUALITY,
)
#: What explains the others comes first.
_ORDER = (
    AlertKind.BLOCKED,
    AlertKind.MISSING,
    AlertKind.UNREAD,
    AlertKind.SAME,
    AlertKind.SILENT,
    AlertKind.FEWER,
    AlertKind.LENGTH,
    AlertKind.BOILERPLATE,
    AlertKind.FIELD,
    AlertKind.FLOOD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was judged at one time.

    Attributes:
        signs: Of each source that is watched and enough is known of, by id; alerts of
            others close.
        last_new: When the newest article of any source came.
        missed: The new articles that would have been usual of all sources since then,
            but of those that are left out.
        recent: When alerts were told in the last seven days.
        left: Sources that brought nothing for a week before the newest article of any:
            what is wrong with them is no outage of ours.
    """

    signs: Mapping[int, Sequence[Sign]]
    last_new: datetime
    missed: float
    recent: Collection[datetime] = ()
    left: Collection[int] = frozenset()


def step(
    standing: Iterable[Alert], judged: Judged, now: datetime, *, budget: int
) -> list[Alert]:
    """Return the alerts that stand from now on, those that close now with them.

    Args:
        standing: Those suspected or open until now.
        judged: What was judged now.
        now: Current time, UTC.
        budget: Most alerts that are told in seven days.
    """
    known = {(one.source, one.loss): one for one in standing}
    ours = _ours(known.pop((None, Loss.OURS), None), judged, known, now)
    is_held = ours is not None and ours.closed_at is None
    grown = [
        _grown(known.get((source, loss)), source, loss, bad, now, is_held=is_held)
        for source, signs in judged.signs.items()
        for loss, bad in _by_loss(signs).items()
    ]
    unwatched = [
        replace(
            one, why=f"{_UNJUDGED}; it was: {one.why}", fine_since=None, closed_at=now
        )
        for (source, _), one in known.items()
        if source not in judged.signs and one.opened_at is not None
    ]
    found = [one for one in (ours, *grown, *unwatched) if one is not None]
    room = budget - sum(one > now - _WEEK for one in judged.recent)
    return _told(found, room, now)


def _by_loss(signs: Sequence[Sign]) -> Mapping[Loss, Sequence[Sign]]:
    parted: dict[Loss, list[Sign]] = {Loss.ARTICLES: [], Loss.QUALITY: []}
    for sign in sorted(signs, key=lambda one: _ORDER.index(one.kind)):
        parted[_LOSS[sign.kind]].append(sign)
    return parted


def _grown(
    alert: Alert | None,
    source: int,
    loss: Loss,
    signs: Sequence[Sign],
    now: datetime,
    *,
    is_held: bool,
) -> Alert | None:
    """Return a source's alert after its signs of one loss were judged."""
    bad = [sign for sign in signs if sign.level is Level.BAD]
    if not bad:
        return _calmed(alert, signs, now)
    said = {
        "kind": bad[0].kind,
        "why": "; ".join(sign.why for sign in bad),
        "fine_since": None,
        "lost": max([sign.lost for sign in bad] + [alert.lost if alert else 0.0]),
    }
    if alert is None:
        return Alert(source=source, loss=loss, bad_since=now, **said)  # type: ignore[arg-type]
    alert = replace(alert, **said)  # type: ignore[arg-type]
    if alert.opened_at is not None:
        return alert
    if is_held:
        return replace(alert, bad_since=now + GRACE - CONFIRM)
    if now - alert.bad_since >= CONFIRM:
        return replace(alert, opened_at=now)
    return alert


def _calmed(alert: Alert | None, signs: Sequence[Sign], now: datetime) -> Alert | None:
    """Return an alert of which nothing is seen now; None where it was a suspicion."""
    if alert is None or alert.opened_at is None:
        return None
    own = [sign for sign in signs if sign.kind is alert.kind]
    if not own or any(sign.level is Level.UNSURE for sign in own):
        return replace(alert, fine_since=None)  # nothing can be said of it now
    since = alert.fine_since or now
    is_over = now - since >= CLEAR or alert.kind is AlertKind.SILENT
    return replace(alert, fine_since=since, closed_at=now if is_over else None)


def _ours(
    alert: Alert | None,
    judged: Judged,
    known: Mapping[tuple[int | None, Loss], Alert],
    now: datetime,
) -> Alert | None:
    """Return the alert that it is we who fail, from nothing to its end."""
    why = _why_ours(judged, known, now)
    if why is not None:
        alert = alert or Alert(source=None, loss=Loss.OURS, why=why, bad_since=now)
        opened = alert.opened_at or now
        return replace(alert, why=why, opened_at=opened, fine_since=None)
    if alert is None:
        return None
    since = alert.fine_since or now
    is_over = now - since >= CONFIRM
    return replace(alert, fine_since=since, closed_at=now if is_over else None)


def _why_ours(
    judged: Judged, known: Mapping[tuple[int | None, Loss], Alert], now: datetime
) -> str | None:
    """Return why it seems that we fail, if it does."""
    if len(judged.signs) < FLEET_LEAST:
        return None
    if judged.missed > FLEET_MISSED and now - judged.last_new > FLEET_PAUSE:
        return f"no source brings anything: {judged.missed:.0f} new articles would be usual"
    fresh = Counter(
        sign.kind
        for source, signs in judged.signs.items()
        for sign in signs
        if sign.level is Level.BAD
        and source not in judged.left
        and not _is_open(known, source, sign.kind)
    )
    for kind, count in fresh.most_common(1):
        if count >= max(FLEET_LEAST, FLEET_SHARE * len(judged.signs)):
            return f"{count} of {len(judged.signs)} sources are {kind} at once"
    return None


def _is_open(
    known: Mapping[tuple[int | None, Loss], Alert], source: int, kind: AlertKind
) -> bool:
    alert = known.get((source, _LOSS[kind]))
    return alert is not None and alert.opened_at is not None


def _told(alerts: Iterable[Alert], room: int, now: datetime) -> list[Alert]:
    """Mark those that open now as told, as far as the budget goes; most lost first."""
    found = sorted(alerts, key=lambda one: (one.loss is not Loss.OURS, -one.lost))
    done = []
    for alert in found:
        if alert.opened_at == now and (room > 0 or alert.loss is Loss.OURS):
            room -= 1
            alert = replace(alert, is_told=True)  # noqa: PLW2901 - the marked one
        done.append(alert)
    return done
