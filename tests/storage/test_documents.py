"""An article survives being a JSON document."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.documents import article_document, read_document, storable
from storage.model.article import (
    Article,
    Block,
    BlockKind,
    Claim,
    Dateline,
    Provenance,
    Removed,
)
from storage.model.moment import Moment, Precision

WIB = timezone(timedelta(hours=7))
CLAIM = Claim(origin="jsonld", raw="Ani  Wira", value="Ani Wira")
FULL = Article(
    url="https://news.example/1",
    title="Tarif parkir naik",
    blocks=(
        Block(kind=BlockKind.HEADING, text="Latar", level=2),
        Block(kind=BlockKind.PARAGRAPH, text="Tarif naik \N{POUTING FACE}."),
    ),
    raw_title="Tarif parkir naik | Kabar",
    site="Kabar",
    authors=("Ani Wira", "Budi"),
    published=Moment(
        at=datetime(2026, 11, 22, 8, 30, tzinfo=WIB),
        precision=Precision.MINUTE,
        zone_stated=True,
    ),
    modified=Moment(
        at=datetime(2026, 11, 22, tzinfo=UTC),
        precision=Precision.DAY,
        zone_stated=False,
    ),
    section="Kota",
    tags=("parkir",),
    image="https://news.example/1.jpg",
    description="Naik.",
    language="id",
    interface_language="en",
    dateline=Dateline(place="Bandung", source="Kabar", date=None, rest=9),
    captions=("Parkir.",),
    counters={"views": 12},
    marks=("paywalled",),
    provenance={"authors": Provenance(winner=CLAIM, losers=(CLAIM,))},
    removed=(Removed(text="Baca juga", boilerplate="related", rule="r1", index=4),),
)


def through_json(article: Article) -> Article:
    return read_document(json.loads(json.dumps(article_document(article))))


def test_every_field_comes_back() -> None:
    assert through_json(FULL) == FULL


def test_an_article_of_defaults_comes_back() -> None:
    bare = Article(url="u", title="", blocks=())

    assert through_json(bare) == bare


@given(
    at=st.datetimes(
        timezones=st.integers(-23 * 60, 23 * 60).map(
            lambda minutes: timezone(timedelta(minutes=minutes))
        )
    )
)
def test_a_time_keeps_its_offset(at: datetime) -> None:
    moment = Moment(at=at, precision=Precision.SECOND, zone_stated=True)
    article = Article(url="u", title="t", blocks=(), published=moment)

    back = through_json(article).published

    assert back is not None
    assert back.at.isoformat() == at.isoformat()


@given(text=st.text())
def test_text_that_utf8_can_hold_comes_back(text: str) -> None:
    article = Article(url="u", title=text, blocks=())

    assert through_json(article) == article


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b", "ab"),
        ("a\x1b]0;b\x07c\x7f", "a]0;bc"),
        ("a\tb\nc \\u001b", "a\tb\nc \\u001b"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("naïve 東京", "naïve 東京"),
    ],
    ids=[
        "NUL",
        "escapes",
        "no escapes",
        "lone surrogate",
        "surrogate pair",
        "whole text",
    ],
)
def test_text_is_made_storable(text: str, kept: str) -> None:
    block = Block(kind=BlockKind.PARAGRAPH, text=text)
    article = Article(url="u", title=text, blocks=(block,))

    clean = storable(article)

    assert (clean.title, clean.text) == (kept, kept)
