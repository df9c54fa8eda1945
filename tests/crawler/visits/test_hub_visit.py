"""Asking hubs, good and odd: a real archive, real sockets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from crawler.urls import host_key
from crawler.visits.hub_visit import visit_hub
from crawler.visits.visit import visit
from crawler.websub.hubs import Announcement, Fresh, announced, standing
from storage.model.link_kind import LinkKind
from storage.model.websub import Subscription
from storage.sql.ledger import add_hosts
from storage.sql.sources import PAUSED, find_source, set_state
from storage.sql.subscriptions import (
    due_hubs,
    give_up_unwanted,
    put_subscription,
    subscription_of,
)
from storage.sql.tables import (
    CaptureRow,
    HostRow,
    LinkRow,
    SubscriptionRow,
    TurnRow,
)
from storage.sql.turns import address_turn
from tests.crawler.desk import Desk, open_desk, scripted_site
from tests.crawler.hub import Hub, open_hub

pytestmark = pytest.mark.anyio
BASE = "http://127.0.0.1:9/websub"
FEED = "http://town.example/feed"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        desk.use(callback=BASE)
        yield desk


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with open_hub() as hub:
        hub.verifies = False
        yield hub


async def announce(
    desk: Desk, hub_url: str, feed: str = FEED, **more: object
) -> Subscription:
    """Enter a feed, and the hub that it names."""
    now = desk.means.now()
    link = await desk.enter(feed, LinkKind.FEED)
    said = Announcement(hub=hub_url, topic=feed, is_private=True)
    fresh = Fresh(base=BASE, path=f"{link:p>43}", secret="s" * 43)
    begun = announced(None, said, link, fresh, now)
    assert begun is not None
    begun = replace(begun, **more)  # type: ignore[arg-type]
    await put(desk, begun)
    return begun


async def put(desk: Desk, subscription: Subscription) -> None:
    def work(tx: Any) -> None:  # noqa: ANN401
        add_hosts(tx.session, {subscription.host}, desk.means.now())
        put_subscription(tx.session, subscription)

    await desk.means.writer.run(work)


async def stands(desk: Desk, link: int) -> Subscription | None:
    return await desk.means.writer.run(lambda tx: subscription_of(tx.session, link))


async def told(desk: Desk, link: int) -> str:
    return standing(await stands(desk, link), desk.means.now())


async def due(desk: Desk) -> list[str]:
    now = desk.means.now()
    return await desk.means.writer.run(lambda tx: due_hubs(tx.session, now, 10))


async def ask(desk: Desk, hub: Hub, budget: int = 20) -> int:
    return await visit_hub(host_key(hub.url), desk.means, budget=budget)


async def test_a_hub_is_asked_once_and_then_waited_for(desk: Desk, hub: Hub) -> None:
    begun = await announce(desk, hub.url)

    assert await due(desk) == [host_key(hub.url)]
    assert await ask(desk, hub) == 1
    assert await ask(desk, hub) == 0
    assert await due(desk) == []
    assert await told(desk, begun.link) == "pending"
    (form,) = hub.asked
    assert form["hub.callback"] == begun.callback


async def test_a_request_to_a_hub_is_no_capture_and_asks_no_robots_txt(
    desk: Desk, hub: Hub
) -> None:
    await announce(desk, hub.url)

    await ask(desk, hub)

    assert hub.paths == ["/hub"]
    assert desk.read(select(func.count()).select_from(CaptureRow)) == [0]


async def test_all_feeds_of_a_hub_are_asked_for_at_its_pace(
    desk: Desk, hub: Hub
) -> None:
    pause = timedelta(milliseconds=100)
    desk.use(stray=desk.plan(delay=pause))
    for n in range(3):
        await announce(desk, hub.url, f"http://town.example/feed{n}")
    clock = asyncio.get_running_loop().time
    began = clock()

    assert await ask(desk, hub) == 3
    assert clock() - began >= 2 * pause.total_seconds()
    assert len({form["hub.topic"] for form in hub.asked}) == 3
    (row,) = desk.read(select(HostRow).where(HostRow.key == host_key(hub.url)))
    assert row.free_at > desk.means.now()


async def test_a_visit_asks_for_no_more_than_its_budget(desk: Desk, hub: Hub) -> None:
    for n in range(3):
        await announce(desk, hub.url, f"http://town.example/feed{n}")

    assert await ask(desk, hub, budget=2) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_a_hub_that_refuses_is_failing(desk: Desk, hub: Hub, status: int) -> None:
    hub.status = status
    begun = await announce(desk, hub.url)

    await ask(desk, hub)

    assert await told(desk, begun.link) == f"failing: HTTP {status}"
    assert await due(desk) == []


async def test_a_hub_that_asks_for_a_rest_is_left_alone(desk: Desk, hub: Hub) -> None:
    hub.status, hub.headers = 503, {"Retry-After": "7200"}
    first = await announce(desk, hub.url)
    await announce(desk, hub.url, "http://town.example/other")

    assert await ask(desk, hub) == 1
    known = await stands(desk, first.link)
    (row,) = desk.read(select(HostRow).where(HostRow.key == host_key(hub.url)))
    later = desk.means.now() + timedelta(hours=1, minutes=59)
    assert known is not None
    assert known.next_run is not None
    assert min(known.next_run, row.free_at) > later


async def test_a_hub_that_is_not_there_is_failing_and_rests(desk: Desk) -> None:
    async with open_hub() as gone:
        pass
    begun = await announce(desk, gone.url)

    assert await ask(desk, gone) == 1
    assert (await told(desk, begun.link)).startswith("failing: no connection")
    (row,) = desk.read(select(HostRow).where(HostRow.key == host_key(gone.url)))
    assert row.free_at > desk.means.now() + timedelta(seconds=30)


async def test_a_hub_without_an_address_is_failing(desk: Desk) -> None:
    begun = await announce(desk, "http://hub.invalid/hub")

    assert await visit_hub("hub.invalid", desk.means, budget=20) == 1
    assert (await told(desk, begun.link)).startswith("failing: no address")


async def test_a_hub_whose_address_is_being_visited_waits(desk: Desk, hub: Hub) -> None:
    url = hub.url.replace("127.0.0.1", "localhost")
    await announce(desk, url)
    later = desk.means.now() + timedelta(minutes=1)

    def occupy(tx: Any) -> None:  # noqa: ANN401
        key = address_turn(tx.session, f"127.0.0.1:{hub.port}", "other.example")
        tx.session.add(
            TurnRow(key=key, free_at=later, host="other.example", until=later)
        )

    await desk.means.writer.run(occupy)

    assert await visit_hub(host_key(url), desk.means, budget=20) == 0
    assert hub.asked == []
    assert await due(desk) == []


async def test_a_public_feed_has_nothing_asked_of_a_private_hub(
    desk: Desk, hub: Hub
) -> None:
    """Not even of one in a network that sources may be fetched from."""
    begun = await announce(desk, hub.url, is_private=False)

    await ask(desk, hub)

    assert hub.asked == []
    assert (await told(desk, begun.link)).startswith("failing: 127.0.0.1 port")


async def test_a_redirect_is_followed_to_another_hub(desk: Desk, hub: Hub) -> None:
    async with open_hub() as new:
        new.verifies = False
        hub.status, hub.headers = 308, {"Location": new.url}
        begun = await announce(desk, hub.url)

        await ask(desk, hub)
        assert await due(desk) == [host_key(new.url)]
        await ask(desk, new)

    assert new.asked == hub.asked
    known = await stands(desk, begun.link)
    assert known is not None
    assert known.endpoint == hub.url
    assert standing(known, desk.means.now()) == "pending"


async def test_a_redirect_to_a_private_address_is_refused(desk: Desk, hub: Hub) -> None:
    hub.status, hub.headers = 307, {"Location": "http://10.0.0.1/hub"}
    begun = await announce(desk, hub.url)

    await ask(desk, hub)
    await visit_hub("10.0.0.1", desk.means, budget=20)

    assert (await told(desk, begun.link)).startswith("failing: 10.0.0.1 port")


async def test_a_hub_that_redirects_for_ever_is_asked_six_times(
    desk: Desk, hub: Hub
) -> None:
    hub.status, hub.headers = 307, {"Location": "/hub"}
    begun = await announce(desk, hub.url)

    for _ in range(10):
        await desk.rested(hub.url)
        await ask(desk, hub)

    assert len(hub.asked) == 6
    assert await told(desk, begun.link) == "failing: over 5 redirects"


async def test_a_host_that_is_visited_is_not_asked(desk: Desk, hub: Hub) -> None:
    await announce(desk, hub.url)

    def occupy(tx: Any) -> None:  # noqa: ANN401
        row = tx.session.get_one(HostRow, host_key(hub.url))
        row.visiting_until = desk.means.now() + timedelta(minutes=1)

    await desk.means.writer.run(occupy)

    assert await due(desk) == []
    assert await ask(desk, hub) == 0
    assert hub.asked == []


async def test_a_visit_that_was_taken_over_changes_nothing(
    desk: Desk, hub: Hub
) -> None:
    begun = await announce(desk, hub.url)
    hub.verifies = True

    async def take_over(_form: dict[str, str], **_: str) -> Any:  # noqa: ANN401
        def fence(tx: Any) -> None:  # noqa: ANN401
            tx.session.get_one(HostRow, host_key(hub.url)).fence += 1

        await desk.means.writer.run(fence)

    hub.first, hub.status = True, 202
    hub.verify = take_over  # type: ignore[method-assign]

    assert await ask(desk, hub) == 1
    assert await told(desk, begun.link) == "pending"


# ---- parting -------------------------------------------------------------------


async def unwanted(desk: Desk, base: str | None = BASE) -> int:
    now = desk.means.now()
    return await desk.means.writer.run(
        lambda tx: give_up_unwanted(tx.session, base, now)
    )


async def verified(desk: Desk, hub: Hub) -> Subscription:
    later = desk.means.now() + timedelta(days=8)
    return await announce(desk, hub.url, until=later, next_run=later)


async def test_a_feed_that_is_read_keeps_its_hub(desk: Desk, hub: Hub) -> None:
    await verified(desk, hub)

    assert await unwanted(desk) == 0
    assert await due(desk) == []


@pytest.mark.parametrize("base", [None, "https://moved.example/websub"])
async def test_a_hub_that_cannot_reach_us_any_more_is_let_go(
    desk: Desk, hub: Hub, base: str | None
) -> None:
    begun = await verified(desk, hub)
    desk.use(callback=base)

    assert await unwanted(desk, base) == 1
    await ask(desk, hub)
    assert await unwanted(desk, base) == 0

    (form,) = hub.asked
    assert form["hub.mode"] == "unsubscribe"
    assert form["hub.callback"] == begun.callback
    assert await told(desk, begun.link) == "leaving"


async def test_the_hub_of_a_paused_source_is_let_go(desk: Desk, hub: Hub) -> None:
    now = desk.means.now()
    source = await desk.add_source("http://town.example/")
    begun = await verified(desk, hub)

    def pause(tx: Any) -> None:  # noqa: ANN401
        row = find_source(tx.session, "Town")
        assert row is not None
        tx.session.get_one(LinkRow, begun.link).source_id = source
        set_state(tx.session, row, PAUSED, now)

    await desk.means.writer.run(pause)

    assert await unwanted(desk) == 1
    await ask(desk, hub)
    assert [form["hub.mode"] for form in hub.asked] == ["unsubscribe"]


async def test_what_a_hub_never_held_is_forgotten_without_asking(
    desk: Desk, hub: Hub
) -> None:
    await announce(desk, hub.url)
    desk.use(callback=None)

    await unwanted(desk, None)
    assert await ask(desk, hub) == 0
    assert desk.read(select(SubscriptionRow)) == []


# ---- what a reading notes ------------------------------------------------------


def rss(hub: str, *links: str) -> bytes:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    return (
        "<rss version='2.0'><channel>"
        f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{hub}"/>'
        f"{items}</channel></rss>"
    ).encode()


async def test_a_feed_that_is_read_names_its_hub(desk: Desk, hub: Hub) -> None:
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        link = await desk.enter(site.url("/feed"), LinkKind.FEED)

        await visit(host_key(site.url("/")), desk.means, budget=1)

    known = await stands(desk, link)
    assert known is not None
    assert (known.hub, known.topic) == (hub.url, site.url("/feed"))
    assert known.is_private
    assert len({known.path, known.secret}) == 2


async def test_where_hubs_cannot_reach_us_none_is_noted(desk: Desk, hub: Hub) -> None:
    desk.use(callback=None)
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        await desk.enter(site.url("/feed"), LinkKind.FEED)

        await visit(host_key(site.url("/")), desk.means, budget=1)

    assert desk.read(select(SubscriptionRow)) == []


async def test_a_delivery_during_a_reading_is_read_for_after_it(
    desk: Desk, hub: Hub
) -> None:
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        begun = await announce(desk, hub.url, site.url("/feed"))
        later = desk.means.now() + timedelta(minutes=1)
        await put(desk, replace(begun, delivered_at=later, hint_at=later))

        await visit(host_key(site.url("/")), desk.means, budget=1)

    known = await stands(desk, begun.link)
    feed = desk.link(site.url("/feed"))
    assert known is not None
    assert feed.next_run is not None
    assert known.hint_at is not None
    assert known.hinted_at == feed.fetched_at
    assert feed.next_run == known.hint_at < desk.means.now() + timedelta(minutes=2)


async def test_news_that_a_hub_did_not_tell_of_are_held_against_it(
    desk: Desk, hub: Hub
) -> None:
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        later = desk.means.now() + timedelta(days=9)
        begun = await announce(desk, hub.url, site.url("/feed"), until=later)

        await visit(host_key(site.url("/")), desk.means, budget=1)

    known = await stands(desk, begun.link)
    assert known is not None
    assert known.missed_at is not None


async def test_a_delivery_between_ticket_and_request_is_not_held_against_a_hub(
    desk: Desk, hub: Hub
) -> None:
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        now = desk.means.now()
        begun = await announce(
            desk, hub.url, site.url("/feed"), until=now + timedelta(days=9)
        )
        robots = site.answer

        def deliver(path: str) -> bytes:
            """Say robots.txt; meanwhile the hub delivers."""
            if path == "/robots.txt":
                told = replace(begun, delivered_at=desk.means.now())
                delivering.append(asyncio.ensure_future(put(desk, told)))
            return robots(path)

        delivering: list[asyncio.Future[None]] = []
        site.answer = deliver  # type: ignore[method-assign]
        desk.use(stray=desk.plan(delay=timedelta(milliseconds=300)))

        await visit(host_key(site.url("/")), desk.means, budget=1)
        await asyncio.gather(*delivering)

    known = await stands(desk, begun.link)
    assert known is not None
    assert known.delivered_at is not None
    assert known.missed_at is None


async def test_what_a_hub_told_of_is_not_held_against_it(desk: Desk, hub: Hub) -> None:
    async with scripted_site() as site:
        site.answers["/feed"] = [rss(hub.url, site.url("/pier"))]
        now = desk.means.now()
        begun = await announce(
            desk,
            hub.url,
            site.url("/feed"),
            until=now + timedelta(days=9),
            delivered_at=now,
            hint_at=now,
            idle=3,
        )

        await visit(host_key(site.url("/")), desk.means, budget=1)

    known = await stands(desk, begun.link)
    assert known is not None
    assert (known.idle, known.missed_at, known.hint_at) == (0, None, None)
    assert known.hinted_at is not None
