"""Copies of a story as they are shown, and whose words they are."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import select
from typer.testing import CliRunner

from crawler.catching_up.copies import place_all
from crawler.cli.app import app
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.syndication import agency_of, copies, share_changed
from crawler.web.app import make_app
from storage.model.article import Article, Dateline, Removed
from storage.sql.tables import BandRow, FingerprintRow
from tests.crawler.web.conftest import TOKEN, bearing, config_for, speaking_to
from tests.crawler.web.material import HARBOUR, NOON, block, keep

pytestmark = pytest.mark.anyio

AGENCY = replace(
    HARBOUR,
    url="https://kawabe.example/orrin",
    title="Bridge at Orrin mouth turns again",
    dateline=Dateline(place="Millwater", source="Reuters", date=None, rest=12),
    blocks=(*HARBOUR.blocks[:-1], block("It will turn twice a day from May.")),
)


def saying(*texts: str, **fields: Any) -> Article:  # noqa: ANN401
    return replace(
        HARBOUR,
        **{
            "authors": (),
            "dateline": None,
            "removed": (),
            "blocks": tuple(block(text) for text in texts),
            **fields,
        },
    )


@pytest.mark.parametrize(
    ("article", "name"),
    [
        (saying("A story.", dateline=AGENCY.dateline), "Reuters"),
        (saying("A story.", authors=("Mara Lund", "AFP")), "AFP"),
        (saying("A story.", "It goes on until the end (dpa)."), "dpa"),
        (saying("A story.", "It goes on until the end – Reuters"), "Reuters"),
        (saying("A story.", "It ends there. [KNA/epd]"), "KNA"),
        (saying("A story.", "Sumber: ANTARA"), "ANTARA"),
        (saying("(新华社)", "一个故事。"), "新华社"),
        (
            saying(
                "A story.",
                removed=(Removed(text="© AFP", boilerplate="x", rule="y", index=1),),
            ),
            "AFP",
        ),
    ],
)
def test_an_agency_is_believed_by_what_stands_beside_the_text(
    article: Article, name: str
) -> None:
    """A dateline, a byline, a credit in brackets, behind a dash or on its own line."""
    agency = agency_of(article)

    assert agency is not None
    assert agency.name == name
    assert name in agency.evidence


@pytest.mark.parametrize(
    "article",
    [
        HARBOUR,
        saying("Reuters was founded in London in 1851.", "It is an agency."),
        saying("A story (as told by Mara Lund)."),
    ],
)
def test_a_story_about_an_agency_is_not_its_own(article: Article) -> None:
    """A name within the prose says nothing."""
    assert agency_of(article) is None


def test_the_share_of_words_changed() -> None:
    """Nothing, all, and one word of four replaced."""
    assert share_changed("a b c d", "a b c d") == 0
    assert share_changed("a b c d", "e f g h") == 1
    assert share_changed("one two three four", "one two three five") == pytest.approx(
        0.25
    )


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(config_for(tmp_path / "kept")) as service:
        yield service


async def test_copies_are_listed_with_distance_and_agency(service: Service) -> None:
    """The first seen comes first; others say how far they are from it."""
    late = await keep(service, HARBOUR, "Harbour Post", NOON + timedelta(hours=2))
    early = await keep(service, AGENCY, "川辺新聞", NOON)

    with service.session() as session:
        found = copies(session, late)

    assert [one.article.id for one in found] == [early, late]
    assert found[0].changed == 0
    assert 0 < (found[1].changed or 0) < 0.2
    assert [one.agency.name if one.agency else None for one in found] == [
        "Reuters",
        None,
    ]


async def test_the_api_and_the_page_show_copies(service: Service) -> None:
    """The route lists both, the page links to the other."""
    here = await keep(service, HARBOUR, "Harbour Post", NOON)
    there = await keep(service, AGENCY, "川辺新聞", NOON + timedelta(hours=1))

    async with speaking_to(make_app(service, Pulse(), TOKEN)) as client:
        client.headers.update(bearing(TOKEN))
        told = (await client.get(f"/v1/articles/{there}/copies")).json()
        page = (await client.get(f"/articles/{there}")).text

    assert [one["article"]["id"] for one in told["copies"]] == [here, there]
    assert told["copies"][1]["agency"]["name"] == "Reuters"
    assert "Same story elsewhere" in page
    assert f'href="/articles/{here}"' in page


async def test_an_article_without_copies_shows_none(service: Service) -> None:
    """An empty list, and no heading on its page."""
    alone = await keep(service, HARBOUR, "Harbour Post", NOON)

    async with speaking_to(make_app(service, Pulse(), TOKEN)) as client:
        client.headers.update(bearing(TOKEN))
        told = (await client.get(f"/v1/articles/{alone}/copies")).json()
        page = (await client.get(f"/articles/{alone}")).text

    assert told == {"copies": []}
    assert "Same story elsewhere" not in page


async def test_an_archive_of_before_is_caught_up_with(service: Service) -> None:
    """Articles without a fingerprint get theirs, once."""
    here = await keep(service, HARBOUR, "Harbour Post", NOON)
    there = await keep(service, AGENCY, "川辺新聞", NOON)

    def forget(tx: Any) -> None:  # noqa: ANN401
        rows = [
            *tx.session.exec(select(BandRow)),
            *tx.session.exec(select(FingerprintRow)),
        ]
        for row in rows:
            if isinstance(row, FingerprintRow):
                row.anchor_id = None
        tx.session.flush()
        for row in rows:
            tx.session.delete(row)

    await service.means.writer.run(forget)

    counts = [await place_all(service.means, service.session) for _ in range(2)]

    assert counts == [2, 0]
    with service.session() as session:
        assert [one.article.id for one in copies(session, here)] == [here, there]


async def test_the_command_lists_copies(tmp_path: Path) -> None:
    """`kliping copies` names each with its distance and its agency."""
    async with open_service(config_for(tmp_path / "kept")) as service:
        await keep(service, HARBOUR, "Harbour Post", NOON)
        await keep(service, AGENCY, None, NOON + timedelta(hours=1))
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"storage": {"folder": str(tmp_path / "kept")}}))

    words = ["--config", str(config), "copies", AGENCY.url]
    done = CliRunner().invoke(app, words)

    assert done.exit_code == 0, done.stderr
    assert '"agency": "Reuters"' in done.stdout
    assert HARBOUR.url in done.stdout
