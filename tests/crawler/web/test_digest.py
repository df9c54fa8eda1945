"""The digest, as programs see and send it."""

from dataclasses import replace

import httpx
import pytest

from crawler.config.tree import Alerts, Mail
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.app import make_app
from tests.crawler.digest.mailbox import Mailbox, mailbox
from tests.crawler.web.conftest import TOKEN, speaking_to

pytestmark = pytest.mark.anyio


async def test_a_digest_can_be_read_and_sent(service: Service) -> None:
    async with mailbox() as box:
        mailing = replace(service, config=with_mail(service, box))
        async with speaking_to(make_app(mailing, Pulse(), TOKEN)) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            read = (await client.get("/v1/digest")).json()
            box.answers = {"MAIL": ["451 come again"]}
            refused = await client.post("/v1/digest")
            sent = await client.post("/v1/digest")
            again = await client.post("/v1/digest")

    assert (read["subject"], read["is_news"]) == ("Kliping: nothing to tell", False)
    assert read["lines"][0].startswith("0 articles of 2 sources")
    assert (refused.status_code, sent.json()) == (502, {"state": "sent"})
    assert "451 come again" in refused.json()["detail"]
    assert again.status_code == 422
    assert box.mail["To"] == "desk@news.example"


def with_mail(service: Service, box: Mailbox) -> object:
    mail = Mail(
        to=("desk@news.example",),
        sender="kliping@news.example",
        host="127.0.0.1",
        port=box.port,
        security="none",
        always=True,
    )
    return service.config.model_copy(update={"alerts": Alerts(mail=mail)})


async def test_without_a_server_there_is_nobody_to_send_it(
    writer: httpx.AsyncClient,
) -> None:
    answer = await writer.post("/v1/digest")

    assert answer.status_code == 422
    assert "alerts.mail" in answer.json()["detail"]
