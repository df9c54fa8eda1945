"""Digests over a real connection: once a day, again when refused, never twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.config.file import load_config
from crawler.config.tree import Config, Mail
from crawler.digest import posting
from crawler.digest.posting import Postman
from crawler.digest.smtp import Delivery
from crawler.errors import MailFailed, UsageError
from storage.alerts import Alert, AlertKind, Loss
from storage.model.link_kind import LinkKind
from storage.sql.alerts import put_alerts
from storage.sql.digests import DigestState, enter_digest
from storage.sql.tables import DigestRow
from tests.crawler.desk import Desk, open_desk
from tests.crawler.digest.mailbox import Mailbox, mailbox
from tests.crawler.fetch.certificates import Certificates, make_certificates

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        await desk.means.writer.run(lambda tx: put_alerts(tx.session, {}, [alert()]))
        yield desk


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def alert() -> Alert:
    return Alert(
        source=None,
        loss=Loss.ARTICLES,
        kind=AlertKind.SILENT,
        why="no new article for 31 h",
        bad_since=NOW - 9 * HOUR,
        opened_at=NOW - 8 * HOUR,
    )


def mail(box: Mailbox, **changed: object) -> Mail:
    return Mail.model_validate(
        {
            "to": ["desk@news.example"],
            "sender": "kliping@news.example",
            "host": "127.0.0.1",
            "port": box.port,
            "security": "none",
            **changed,
        }
    )


def postman(
    desk: Desk, box: Mailbox, now: datetime = NOW, **changed: object
) -> Postman:
    """Return a postman, as after a restart at a time."""
    desk.use(now=lambda: now)
    return Postman(means=desk.means, sessions=desk._session, mail=mail(box, **changed))


def row(desk: Desk) -> DigestRow:
    (found,) = desk.read(select(DigestRow))
    assert isinstance(found, DigestRow)
    return found


async def test_a_digest_is_sent_once_a_day(desk: Desk, box: Mailbox) -> None:
    sent = await postman(desk, box).send_due()
    again = await postman(desk, box, NOW + 12 * HOUR).send_due()
    tomorrow = await postman(desk, box, NOW + DAY).send_due()

    assert (sent, again, tomorrow) == (DigestState.SENT, None, DigestState.SENT)
    assert len(box.letters) == 2
    assert list(map(str.lower, box.envelopes[0][1:3])) == [
        "mail from:<kliping@news.example>",
        "rcpt to:<desk@news.example>",
    ]
    first, second = desk.read(select(DigestRow).order_by(DigestRow.day))
    assert first.sent_at == first.until == NOW
    assert (second.until, second.tries) == (NOW + DAY, 1)


async def test_a_mail_says_what_opened_and_later_that_it_goes_on(
    desk: Desk, box: Mailbox
) -> None:
    await postman(desk, box).send_due()
    await postman(desk, box, NOW + DAY).send_due()

    assert b"Opened (1):" in box.letters[0]
    assert b"no new article for 31 h" in box.letters[0]
    assert b"Goes on (1):" in box.letters[1]


async def test_where_nothing_is_new_nothing_is_sent_unless_always(
    desk: Desk, box: Mailbox
) -> None:
    await desk.means.writer.run(lambda tx: put_alerts(tx.session, {1: alert()}, []))

    none = await postman(desk, box).send_due()
    always = await postman(desk, box, NOW + DAY, always=True).send_due()

    assert (none, always) == (DigestState.NOTHING, DigestState.SENT)
    assert box.mail["Subject"] == "Kliping: nothing to tell"


async def test_a_source_that_never_answered_is_told_of(
    desk: Desk, box: Mailbox
) -> None:
    desk.use(now=lambda: NOW - 2 * DAY)
    town = await desk.add_source("https://town.example/")
    await desk.enter("https://town.example/feed", LinkKind.FEED, town)

    await postman(desk, box).send_due()

    assert "- Town: never answered" in box.mail.get_content()


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("MAIL", "451 later"),
        ("RCPT", "550 no such box"),
        ("DATA", "452 full"),
        (".", "554 no"),
    ],
)
async def test_what_is_refused_is_sent_again(
    desk: Desk, box: Mailbox, verb: str, said: str
) -> None:
    box.answers = {verb: [said, said]}

    assert await postman(desk, box).send_due() is DigestState.FAILED
    assert (row(desk).why, row(desk).next_try) == (said, NOW + timedelta(minutes=5))
    soon = NOW + timedelta(minutes=4)
    assert await postman(desk, box, soon).send_due() is None
    later = NOW + timedelta(minutes=5)
    assert await postman(desk, box, later).send_due() is DigestState.FAILED
    assert row(desk).next_try == later + timedelta(minutes=10)
    assert await postman(desk, box, NOW + HOUR).send_due() is DigestState.SENT
    assert (len(box.letters), row(desk).tries) == (1, 3)


async def test_an_address_that_is_no_more_costs_the_others_nothing(
    desk: Desk, box: Mailbox
) -> None:
    box.answers = {"RCPT": ["550 no such box"]}
    both = ["gone@news.example", "desk@news.example"]

    assert await postman(desk, box, to=both).send_due() is DigestState.SENT
    assert len(box.letters) == 1
    assert row(desk).why == "gone@news.example: 550 no such box"


async def test_an_address_that_is_refused_for_now_has_all_wait(
    desk: Desk, box: Mailbox
) -> None:
    box.answers = {"RCPT": ["450 later"]}
    both = ["desk@news.example", "night@news.example"]

    assert await postman(desk, box, to=both).send_due() is DigestState.FAILED
    assert box.letters == []


async def test_a_server_that_is_away_is_asked_again(desk: Desk) -> None:
    async with mailbox() as gone:
        pass

    assert await postman(desk, gone).send_due() is DigestState.FAILED


async def test_what_may_have_been_taken_is_not_sent_again(
    desk: Desk, box: Mailbox
) -> None:
    box.leaves_at = "."

    assert await postman(desk, box).send_due() is DigestState.UNSURE
    box.leaves_at = ""
    assert await postman(desk, box, NOW + 9 * HOUR).send_due() is None
    assert box.letters == []


async def test_what_a_dead_process_was_sending_is_not_sent_again(
    desk: Desk, box: Mailbox
) -> None:
    await desk.means.writer.run(
        lambda tx: enter_digest(tx.session, NOW.date(), DigestState.SENDING, NOW)
    )

    assert await postman(desk, box, NOW + HOUR).send_due() is None
    with pytest.raises(UsageError, match="none is sent twice"):
        await postman(desk, box, NOW + HOUR).send_now()


async def test_a_server_that_hangs_is_left_and_the_mail_sent_later(
    desk: Desk, box: Mailbox
) -> None:
    box.hangs_at = "RCPT"
    sending = asyncio.create_task(postman(desk, box).send_due())
    await box.reached.wait()
    sending.cancel()

    assert await sending is DigestState.FAILED
    assert sending.cancelling()
    box.hangs_at = ""
    assert await postman(desk, box, NOW + HOUR).send_due() is DigestState.SENT


async def test_by_hand_it_is_sent_once_as_well(desk: Desk, box: Mailbox) -> None:
    box.answers = {"MAIL": ["451 later"]}
    with pytest.raises(MailFailed, match="451 later"):
        await postman(desk, box).send_now()

    assert await postman(desk, box).send_now() is DigestState.SENT
    assert await postman(desk, box, NOW + HOUR).send_due() is None
    with pytest.raises(UsageError, match="2026-11-27 is sent"):
        await postman(desk, box).send_now()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_password_goes_under_tls(
    desk: Desk,
    certificates: Certificates,
    security: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = partial(Delivery, trust=certificates.trusting)
    monkeypatch.setattr(posting, "Delivery", trusting)
    async with mailbox(**{security: certificates.server}) as box:
        said = {"security": security, "user": "kliping", "password": "s3cret"}

        assert await postman(desk, box, **said).send_due() is DigestState.SENT
        assert box.logins == ["\0kliping\0s3cret"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    desk: Desk, certificates: Certificates, security: str
) -> None:
    async with mailbox(**{security: certificates.server}) as box:
        said = {"security": security, "user": "kliping", "password": "s3cret"}

        assert await postman(desk, box, **said).send_due() is DigestState.FAILED
        assert (box.logins, box.letters) == ([], [])
        assert "certificate" in row(desk).why.lower()


async def test_a_server_without_tls_gets_nothing_where_it_is_wanted(
    desk: Desk, box: Mailbox
) -> None:
    assert await postman(desk, box, security="starttls").send_due() is (
        DigestState.FAILED
    )
    assert box.letters == []


def test_the_password_is_not_printed_and_may_be_a_variable(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "alerts: {mail: {to: [a@b.example], sender: c@b.example, host: mail.b.example}}"
    )

    config: Config = load_config(path, {"KLIPING_ALERTS__MAIL__PASSWORD": "s3cret"})

    assert config.alerts.mail is not None
    assert config.alerts.mail.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(config) + config.model_dump_json()
