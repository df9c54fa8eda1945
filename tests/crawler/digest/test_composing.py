"""What a digest says, and in how many lines."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from crawler.config.tree import Mail
from crawler.digest.composing import Digest, News, compose, day_due
from crawler.digest.letter import letter
from storage.alerts import Alert, AlertKind, Loss
from storage.sql.alerts import NamedAlert
from storage.sql.digests import Figures

NOW = datetime(2026, 11, 27, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
JAKARTA = ZoneInfo("Asia/Jakarta")
MAIL = Mail(
    to=("desk@news.example", "night@news.example"),
    sender="kliping@news.example",
    host="mail.news.example",
)


SAID = """\
1,204,332 articles of 37 sources; since 26 Nov 07:00 UTC 412 new, 37 changed; 81 GiB free.

Opened (1):
- Courier: silent, 14 articles lost since 27 Nov 04:00 UTC: no new article for 31 h \
[docs/alerts.md#silent]

Goes on (1):
- Gazette: blocked since 24 Nov 08:00 UTC: 12 of 20 were refused [docs/alerts.md#blocked]

Over (3):
- the service is back: out, 27 Nov 03:00 UTC to 27 Nov 05:00 UTC
- Herald is back: silent, 5 articles lost, 25 Nov 14:00 UTC to 27 Nov 04:00 UTC
- Post is fine again: field, 26 Nov 00:00 UTC to 27 Nov 06:00 UTC"""


def alert(  # as an alert has
    name: str | None = "Courier",
    *,
    opened: float = 2,
    closed: float | None = None,
    lost: float = 0,
    loss: Loss = Loss.ARTICLES,
    kind: AlertKind | None = AlertKind.SILENT,
    why: str = "no new article for 31 h",
    is_fine: bool = True,
) -> NamedAlert:
    """Return an alert that opened, and closed, so many hours ago."""
    made = Alert(
        source=1,
        loss=loss,
        kind=kind,
        why=why,
        bad_since=NOW - (opened + 1) * HOUR,
        opened_at=NOW - opened * HOUR,
        closed_at=NOW - closed * HOUR if closed is not None else None,
        fine_since=NOW - closed * HOUR if is_fine and closed is not None else None,
        lost=lost,
    )
    return NamedAlert(id=1, name=name, alert=made)


def news(*alerts: NamedAlert, zone: ZoneInfo | None = None) -> News:
    return News(
        since=NOW - 24 * HOUR,
        now=NOW,
        zone=zone or UTC,
        alerts=alerts,
        figures=Figures(articles=1_204_332, sources=37, new=412, changed=37),
        free=81 * 1024**3,
    )


def said(*alerts: NamedAlert, zone: ZoneInfo | None = None) -> Digest:
    digest = compose(news(*alerts, zone=zone), always=True)
    assert digest is not None
    return digest


def test_a_source_that_nobody_judges_any_more_is_not_back() -> None:
    digest = said(alert(closed=1, is_fine=False))

    assert digest.lines[-1].startswith("- Courier is not judged any more: silent")


def test_what_opened_what_goes_on_and_what_is_over() -> None:
    digest = said(
        alert("Courier", lost=14.2),
        alert(
            "Gazette", opened=70, kind=AlertKind.BLOCKED, why="12 of 20 were refused"
        ),
        alert("Herald", opened=40, closed=3, lost=5),
        alert("Post", opened=30, closed=1, loss=Loss.QUALITY, kind=AlertKind.FIELD),
        alert(None, opened=3, closed=2, loss=Loss.OURS, kind=None),
    )

    assert digest.subject == "Kliping: Courier silent, 1 goes on, 3 over"
    assert "\n".join(digest.lines) == SAID


def test_sources_that_are_unwell_without_an_alert_are_told_of() -> None:
    told = replace(news(), unwell=[("Courier", "never answered")])

    digest = compose(told)

    assert digest is not None
    assert digest.subject == "Kliping: 1 unwell"
    assert digest.lines[2:] == (
        "Unwell, without an alert (1):",
        "- Courier: never answered",
    )


def test_it_has_twenty_lines_at_most_and_says_what_is_not_shown() -> None:
    many = [
        alert(f"{part} {n}", opened=opened, closed=closed, lost=99 - n)
        for part, opened, closed in (
            ("new", 2, None),
            ("old", 70, None),
            ("over", 9, 1),
        )
        for n in range(30)
    ]
    lines = said(*many).lines

    assert len(lines) == 20
    assert "Opened (30, 26 of them not named: see kliping health):" in lines
    assert [line for line in lines if line.startswith("- new 0")]
    assert sum(line.startswith("- old") for line in lines) == 3
    assert sum(line.startswith("- over") for line in lines) == 3

    ill = [(f"ill {n}", "never answered") for n in range(30)]
    digest = compose(replace(news(*many), unwell=ill))
    assert digest is not None
    counts = Counter(line[:5] for line in digest.lines if line.startswith("- "))
    assert len(digest.lines) == 20
    assert counts == {"- 30 ": 4, "- new": 4, "- old": 1, "- ill": 1, "- ove": 1}


def test_the_first_section_gets_the_room_that_others_leave() -> None:
    lines = said(*[alert(f"new {n}") for n in range(30)]).lines

    assert len(lines) == 20
    assert sum(line.startswith("- new") for line in lines) == 16


def test_of_very_many_the_kinds_are_told_above_a_few_names() -> None:
    many = [alert(f"b {n}", kind=AlertKind.BLOCKED, lost=9) for n in range(1_400)]
    many += [alert(f"s {n}", lost=2) for n in range(99)] + [
        alert("one", kind=AlertKind.FLOOD),
        alert(None, loss=Loss.OURS, kind=None, why="no source brings anything"),
    ]
    ill = [(f"i {n}", f"never answered: HTTP {n}") for n in range(700)]

    digest = compose(replace(news(*many), unwell=ill))

    assert digest is not None
    assert digest.subject == (
        "Kliping: the service out, 1,400 blocked, 99 silent, 1 flood, 700 unwell"
    )
    assert digest.lines[2:5] == (
        "Opened (1,501, 1,492 of them not named: see kliping health):",
        "- 1,400 sources: blocked [docs/alerts.md#blocked], 12,600 articles lost",
        "- 99 sources: silent [docs/alerts.md#silent], 198 articles lost",
    )
    assert digest.lines[5].startswith("- the service: out since 27 Nov 04:00 UTC")
    assert digest.lines[15:18] == (
        "Unwell, without an alert (700, 697 of them not named: see kliping health):",
        "- 700 sources: never answered",
        "- i 0: never answered: HTTP 0",
    )


def test_where_nothing_is_new_there_is_none() -> None:
    assert compose(news()) is None
    assert said().subject == "Kliping: nothing to tell"


def test_times_are_those_of_its_clock() -> None:
    assert "26 Nov 14:00 WIB" in said(zone=JAKARTA).lines[0]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 27, 6, 59, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 11, 27, 7, 0, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 11, 27, 23, 59, tzinfo=UTC), date(2026, 11, 27)),
    ],
)
def test_a_day_is_due_from_its_hour_on(now: datetime, day: date) -> None:
    assert day_due(now, time(7), UTC) == day


def test_the_hour_is_that_of_the_zone() -> None:
    assert day_due(datetime(2026, 11, 27, 0, tzinfo=UTC), time(7), JAKARTA) == date(
        2026, 11, 27
    )


def test_a_mail_is_seven_bits_and_says_the_same_when_it_is_read() -> None:
    digest = said(alert("川辺新聞", why="kälter als üblich, " * 30))

    data = letter(digest, MAIL, date(2026, 11, 27), NOW)

    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    mail = message_from_bytes(data, policy=default)
    assert mail["Subject"] == "Kliping: 川辺新聞 silent"
    assert mail["To"] == "desk@news.example, night@news.example"
    assert mail["Message-ID"] == "<kliping-digest.2026-11-27.kliping@news.example>"
    body = mail.get_content()
    assert "川辺新聞: silent" in body
    assert "kälter als üblich" in body


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_no_name_adds_a_header(end: str) -> None:
    evil = f"Courier{end}Bcc: all@news.example{end}{end}<b>hello</b>"

    digest = said(alert(evil, why=f"x{end}.{end}QUIT"))
    data = letter(digest, MAIL, date(2026, 11, 27), NOW)

    mail = message_from_bytes(data, policy=default)
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert all(one.isprintable() for one in (digest.subject, *digest.lines))


@pytest.mark.parametrize(
    "changed",
    [
        {"to": ["a@b\r\nBcc: c@d"]},
        {"to": ["Desk <a@b.example>"]},
        {"to": []},
        {"sender": "kälte@b.example"},
        {"at": "25:00"},
        {"timezone": "Mars/Base"},
        {"security": "none", "user": "a"},
        {"host": "a b"},
    ],
    ids=str,
)
def test_what_is_no_mail_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        Mail.model_validate(MAIL.model_dump() | changed)
