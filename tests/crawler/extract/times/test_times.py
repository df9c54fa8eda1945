"""A page's times, from its markup to the winner and the place it stands in."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import Hint, HostKnowledge, PageSource
from storage.model.article import Article

_CAPTURED_AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
_PROSE = "".join(
    f"<p>The harbour master counted {n} boats before the storm, and he said that "
    "each of them had found a berth by nightfall, which had never been so.</p>"
    for n in range(3, 9)
)


def _read(
    markup: str,
    *,
    head: str = "",
    url: str = "https://paper.example/harbour",
    hint: Hint = Hint(),  # noqa: B008 - frozen
    known: HostKnowledge | None = None,
) -> Article:
    body = f"<html lang=en><head><title>Harbour full</title>{head}</head><body>{markup}</body></html>"
    source = PageSource(url, body.encode(), _CAPTURED_AT, hint=hint, known=known)
    article = extract(source).article
    assert article is not None
    return article


def _day(article: Article) -> tuple[str, str]:
    assert article.published is not None
    return (
        article.published.at.date().isoformat(),
        article.provenance["published"].winner.origin,
    )


_TITLE = "<h1>Harbour full</h1>"


@pytest.mark.parametrize(
    ("host", "zone", "day"),
    [
        ("paper.example.jp", None, "2026-03-04"),
        ("paper.example.jp", "America/New_York", "2026-03-04"),
        ("paper.example", None, "2026-03-03"),
        ("paper.example", "UTC", "2026-03-03"),
        ("paper.example", "Asia/Jakarta", "2026-03-04"),
    ],
)
def test_today_is_the_day_where_the_site_is(
    host: str, zone: str | None, day: str
) -> None:
    """At 18:00 in UTC it is tomorrow in Japan, and on Java."""
    body = f"<html lang=en>{_TITLE}<time>today 02:10</time>{_PROSE}".encode()
    evening = _CAPTURED_AT.replace(hour=18)

    hint = Hint(timezone=zone)
    source = PageSource(f"https://{host}/harbour", body, evening, hint=hint)
    article = extract(source).article

    assert article is not None
    assert _day(article)[0] == day


@pytest.mark.parametrize(
    ("markup", "day", "origin"),
    [
        (f"<div>Mar 1, 2026</div>{_TITLE}{_PROSE}", "2026-03-01", "text:line over headline"),
        (f"{_TITLE}<div>By the desk | 1 March 2026</div>{_PROSE}", "2026-03-01", "text:line under headline"),
        (f"{_TITLE}<div>NewsMARCH 1, 2026Updated: MARCH 02, 2026</div>{_PROSE}", "2026-03-01", "text:line under headline"),
        (f"{_TITLE}<div>Published</div><div>March 1, 2026</div>{_PROSE}", "2026-03-01", "text:published under headline"),
        (f"{_TITLE}<div>Veröffentlicht am 1. März 2026</div>{_PROSE}", "2026-03-01", "text:published under headline"),
        (f"{_TITLE}<div>Updated March 1, 2026</div>{_PROSE}", "2026-03-01", "text:updated under headline"),
        (f"{_TITLE}{_PROSE}<div>Posted on March 1, 2026</div>", "2026-03-01", "text:published under text"),
        (f"{_TITLE}<time datetime='2026-03-01T08:00:00+01:00'>Sunday</time>{_PROSE}", "2026-03-01", "dom:time near"),
        (f"{_TITLE}<abbr class=published title='2026-03-01T08:00:00+01:00'>Sunday</abbr>{_PROSE}", "2026-03-01", "dom:published near"),
        (f"{_TITLE}{_PROSE}<script>let x = {{'publishedAt': '2026-03-01T08:00:00Z'}}</script>", "2026-03-01", "script:published"),
        (f"{_TITLE}{_PROSE}<footer><p>Page made 1.3.2026</p></footer>", "2026-03-01", "text:line furniture"),
        (f"{_TITLE}<div>Offer valid until 2 March 2026</div><div>1 March 2026</div>{_PROSE}", "2026-03-01", "text:line under headline"),
        (f"{_TITLE}<div><a href=/2026/03/01/>1 March 2026</a></div>{_PROSE}", "2026-03-01", "text:line under headline"),
        (f"{_TITLE}{_PROSE}<footer>© 1.3.2026 The Paper</footer>", "2026-03-01", "text:notice furniture"),
    ],
)  # fmt: skip
def test_the_day_is_seen(markup: str, day: str, origin: str) -> None:
    assert _day(_read(markup)) == (day, origin)


@pytest.mark.parametrize(
    ("head", "day", "origin"),
    [
        ("<meta name='w-published-date' content='2026-03-01'>", "2026-03-01", "meta:published:w-published-date"),
        ("<meta name='dc:date' value='2026-03-01'>", "2026-03-01", "meta:published:dc:date"),
        ("<meta name='page-updated' content='2026-03-01'>", "2026-03-01", "meta:modified:page-updated"),
        ("<meta property='og:image' content='https://paper.example/img/2026/03/01/boat.jpg'>", "2026-03-01", "url:image"),
    ],
)  # fmt: skip
def test_the_head_says_it(head: str, day: str, origin: str) -> None:
    assert _day(_read(f"{_TITLE}{_PROSE}", head=head)) == (day, origin)


def test_names_that_only_sound_like_dates_say_nothing() -> None:
    head = "<meta name='event-start-date' content='2026-03-01'><meta name=expires-date content=2026-03-02>"

    assert _read(f"{_TITLE}{_PROSE}", head=head).published is None


def test_the_years_of_a_notice_are_no_day() -> None:
    footer = "<footer>Copyright © 1997-Sun Mar 1 09:55:32</footer>"

    assert _read(f"{_TITLE}{_PROSE}{footer}").published is None


def test_the_times_of_cards_and_comments_are_not_the_storys() -> None:
    markup = (
        f"<article><header>{_TITLE}<p>2 March 2026</p></header>{_PROSE}</article>"
        "<div class=related><time datetime=2026-01-05>5 January 2026</time></div>"
        "<div class=comments><time datetime=2026-03-03>3 March 2026</time></div>"
    )

    assert _day(_read(markup))[0] == "2026-03-02"


def test_the_day_in_the_path_is_a_witness() -> None:
    article = _read(
        f"{_TITLE}{_PROSE}", url="https://paper.example/2026/03/01/harbour.html"
    )

    assert _day(article) == ("2026-03-01", "url")


def test_the_links_time_is_a_witness() -> None:
    published = datetime(2026, 3, 1, 6, tzinfo=UTC)

    article = _read(f"{_TITLE}{_PROSE}", hint=Hint(published=published))

    assert article.published is not None
    assert article.published.at == published


def test_a_relative_time_counts_from_the_capture() -> None:
    article = _read(f"{_TITLE}<div>2 hours ago</div>{_PROSE}")

    assert article.published is not None
    assert article.published.at == datetime(2026, 3, 3, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "url", "line", "day"),
    [
        (HostKnowledge(day_first=True), "https://paper.example/a", "02/03/2026", "2026-03-02"),
        (HostKnowledge(day_first=False), "https://paper.example/a", "02/03/2026", "2026-02-03"),
        (None, "https://paper.example/a", "02/03/2026", "2026-02-03"),
        (None, "https://paper.co.uk/a", "02/03/2026", "2026-03-02"),
        (None, "https://paper.example/a", "02/03/2026</div><p>31/01/2026</p><p>15/01/2026</p><div>", "2026-03-02"),
    ],
    ids=["learned day first", "learned month first", "American", "British", "by its own lines"],
)  # fmt: skip
def test_the_order_of_day_and_month(
    known: HostKnowledge | None, url: str, line: str, day: str
) -> None:
    markup = f"{_TITLE}<div>{line}</div>{_PROSE}"

    assert _day(_read(markup, known=known, url=url))[0] == day


def test_another_language_puts_the_day_first() -> None:
    german = "".join(
        f"<p>Der Hafenmeister zählte {n} Boote vor dem Sturm und sagte, dass jedes von ihnen "
        "einen Platz gefunden habe, was es noch nie gegeben hatte.</p>"
        for n in range(3, 9)
    )

    article = _read(f"<h1>Hafen voll</h1><div>02/03/2026</div>{german}")

    assert _day(article)[0] == "2026-03-02"


def test_the_day_of_a_change_is_kept_apart() -> None:
    article = _read(
        f"{_TITLE}<div>Published 1 March 2026, updated 2 March 2026</div>{_PROSE}"
    )

    assert _day(article)[0] == "2026-03-01"
    assert article.modified is not None
    assert article.modified.at.day == 2


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ("", "2026-03-01"),
        ("<div>28 February 2026</div>", "2026-02-28"),
        ("<time datetime='2026-02-28'></time>", "2026-02-28"),
    ],
    ids=["alone", "beside a line", "beside a time"],
)
def test_a_day_of_the_islamic_calendar_counts_where_no_other_is_stated(
    more: str, day: str
) -> None:
    line = "<div>الأحد 12 رمضان 1447 هـ</div>"

    assert _day(_read(f"{_TITLE}{line}{more}{_PROSE}"))[0] == day


def test_half_a_word_before_a_day_is_no_month() -> None:
    line = "<p>Harbour full agor yn Aberdaugleddau<br>18 Tachwedd 2025 | Gan Lowri</p>"

    assert _day(_read(f"{_TITLE}{line}{_PROSE}"))[0] == "2025-11-18"


def test_a_day_below_the_headline_in_its_own_cell_is_the_story_s() -> None:
    cell = "<td>Harbour full<br>2 February 2026 | By Ida Quist | 1204 views</td>"
    notes = "<p>Kito 25/02/2026 14:02<br>Good news.</p>"
    page = f"<table><tr><td>Lamp</td></tr><tr>{cell}</tr><tr><td>{_PROSE}{notes}</td></tr></table>"

    assert _day(_read(page)) == ("2026-02-02", "text:line under headline")
