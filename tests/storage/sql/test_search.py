"""Searching a real FTS5 index in the languages that news is written in."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text
from sqlmodel import Session, col

from storage.errors import BadQuery, StorageError
from storage.model.moment import Moment, Precision
from storage.search.cursors import Place, write_cursor
from storage.sql.articles import Kept
from storage.sql.search import (
    Hit,
    Page,
    index_article,
    search,
    search_best,
    search_dated,
    search_newest,
    unmatched,
)
from storage.sql.tables import ArticleRow, HostRow, LinkRow, SearchRow
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]


def titles(hits: list[Hit]) -> list[str]:
    return [hit.article.title for hit in hits]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Pemerintah menaikkan tarif parkir di Bandung.", "TARIF parkir"),
        ("رَفَعَتِ الحكومة أسعار الخُبز.", "الخبز"),
        ("افتتحت المدرسة الجديدة في القرى.", "المدرسه القري"),
        ("وزیر اعظم نے کہا کہ کام ہو گا۔", "وزير كها"),
        ("東京都は消費税の見直しを決めた。", "消費税"),
        ("政府宣布明年提高最低工资标准。", "最低工资"),
        ("รัฐบาลประกาศขึ้นค่าแรงขั้นต่ำ", "ค่าแรง"),
        ("정부는 최저임금을 인상했다.", "최저임금"),
        ("Учёные нашли новую звезду.", "ученые"),
        ("Die Straße bleibt gesperrt.", "STRASSE"),
        ("सरकार ने किराया बढ़ाया।", "किराया"),
    ],
    ids=[
        "Indonesian",
        "Arabic",
        "Arabic as it is typed",
        "Urdu on an Arabic keyboard",
        "Japanese",
        "Chinese",
        "Thai",
        "Korean",
        "Russian",
        "German",
        "Hindi",
    ],
)
def test_a_word_is_found_in_its_language(
    session: Session, keep: Keep, text: str, query: str
) -> None:
    keep(article("Found", text))
    keep(article("Other", "Nothing of the kind."))

    assert titles(search(session, query)) == ["Found"]


HOSTILE = ['"', "a AND", "NEAR(", "col:x", "^", '"' * 5000, "a OR b)", "*", "{title}:"]


@pytest.mark.parametrize("query", [*HOSTILE, "a'b--", "\0", "-", 'title:"', "x;y"])
def test_a_hostile_query_finds_nothing_or_is_refused(
    session: Session, keep: Keep, query: str
) -> None:
    keep(article("Harmless", "Nothing of the kind."))
    try:
        found = search(session, query)
    except BadQuery:
        found = []

    assert found == []


def found(session: Session, query: str) -> set[str]:
    return set(titles(search(session, query)))


def stated(at: datetime) -> Moment:
    return Moment(at=at, precision=Precision.SECOND, zone_stated=True)


@pytest.fixture
def parking(keep: Keep, add_source: Callable[..., int]) -> None:
    kabar = add_source("Kabar")
    keep(
        article(
            "Tarif parkir",
            "Naik besok.",
            authors=("Ani Wira",),
            language="id",
            published=stated(datetime(2026, 1, 30, 23, 59, tzinfo=UTC)),
        ),
        source_id=kabar,
    )
    keep(
        article(
            "Parkir",
            "Tarif naik parkir.",
            language="id",
            section="Kota",
            tags=("Harga naik", "lalu lintas"),
            published=stated(datetime(2026, 2, 1, tzinfo=UTC)),
        ),
        source_id=kabar,
    )
    keep(
        article("Parking", "Tarif means fee.", language="en-GB", tags=("naik", "Harga"))
    )


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("xn--bcher-kva.example", "bücher.example"),
        ("www.xn--bcher-kva.example", "BÜCHER.example"),
        ("xn--b1amnebsh.xn--p1ai", "новости.рф"),
        ("paper.example:8080", "paper.example"),
        ("www.paper.example:8080", "paper.example"),
        ("paper.example:8080", "paper.example:8080"),
        ("paper.example", "paper.example."),
    ],
)
def test_a_site_is_found_by_its_name_as_it_is_shown(
    session: Session, keep: Keep, add_link: Callable[..., int], host: str, site: str
) -> None:
    session.add(HostRow(key=host, free_at=NOON))
    session.flush()
    keep(article("There", "Tarif."), link_id=add_link("there", host=host))
    keep(article("Elsewhere", "Tarif."))

    assert found(session, f"tarif site:{site}") == {"There"}


@pytest.mark.usefixtures("parking")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tarif parkir", {"Tarif parkir", "Parkir"}),
        ('"tarif parkir"', {"Tarif parkir"}),
        ("park*", {"Tarif parkir", "Parkir", "Parking"}),
        ('"tarif nai"*', {"Parkir"}),
        ("title:tarif", {"Tarif parkir"}),
        ("author:ani", {"Tarif parkir"}),
        ('author:"wira ani"', set()),
        ("wira", {"Tarif parkir"}),
        ("tarif -naik", {"Parking"}),
        ("tarif -title:parkir", {"Parking"}),
        ("tarif source:kabar", {"Tarif parkir", "Parkir"}),
        ("tarif -source:kabar", {"Parking"}),
        ("tarif lang:en", {"Parking"}),
        ("tarif lang:EN-gb", {"Parking"}),
        ("tarif -lang:en", {"Tarif parkir", "Parkir"}),
        ("tarif lang:en-us", set()),
        ("tarif lang:en_", None),
        ("tarif lang:english", None),
        ("tarif source:Nope", None),
        ("tarif -source:Nope", None),
        ("source:kabar OR source:Nope", None),
        ("source:kabar", {"Tarif parkir", "Parkir"}),
        ("lang:id -author:ani", {"Parkir"}),
        ("author:tarif", set()),
        ("section:kota", {"Parkir"}),
        ("kota", set()),
        ("tag:harga", {"Parkir", "Parking"}),
        ('tag:"harga naik"', {"Parkir"}),
        ('tag:"naik lalu"', set()),
        ("tag:har*", {"Parkir", "Parking"}),
        ("parkir -tag:harga", {"Tarif parkir"}),
        ("besok OR means", {"Tarif parkir", "Parking"}),
        ("lang:en OR author:ani", None),
        ("lang:en OR source:kabar", {"Tarif parkir", "Parkir", "Parking"}),
        ("site:news.example tarif", {"Tarif parkir", "Parkir", "Parking"}),
        ("site:example", {"Tarif parkir", "Parkir", "Parking"}),
        ("site:ews.example", set()),
        ("tarif after:2026-01-31", {"Parkir", "Parking"}),
        ("after:2026-01-30 before:2026-01-31", {"Tarif parkir"}),
        ("after:2026-11-22 before:2026-11-23", {"Parking"}),
        ("after:2026-02 before:2026-02", None),
    ],
)
def test_the_query_language_is_obeyed(
    session: Session, query: str, expected: set[str] | None
) -> None:
    """None stands for a query that is refused."""
    try:
        answer = found(session, query)
    except BadQuery:
        answer = None

    assert answer == expected


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("減税。", "税"),
        ("税金", "税"),
        ("は第5回大会", "第5回"),
        ("2024年度", "2024年"),
        ("発売iPhone", "売iPhone"),
    ],
    ids=[
        "end of a run",
        "start of a run",
        "cut off before",
        "cut off behind",
        "before letters",
    ],
)
def test_a_lone_character_is_found_in_a_run(
    session: Session, keep: Keep, text: str, query: str
) -> None:
    keep(article("Found", text))

    assert found(session, query) == {"Found"}


def test_what_is_cut_off_a_word_has_to_stand_there(
    session: Session, keep: Keep
) -> None:
    keep(article("Found", "全5回大会"))

    assert found(session, "第5回") == set()


def test_a_phrase_is_found_at_the_end_of_a_long_text(
    session: Session, keep: Keep
) -> None:
    """PostgreSQL keeps 256 places of a word, and none behind the 16,383rd."""
    keep(article("Found", "tarif mahal " * 9_000 + "parkir tarif naik"))

    asked = ['"tarif naik"', '"parkir tarif"', '"naik tarif"', '"mahal parkir"']
    assert [len(search(session, query)) for query in asked] == [1, 1, 0, 1]


def test_no_text_is_too_much(session: Session, keep: Keep) -> None:
    """A tsvector holds 1 MB, a word of it 2 kB."""
    han = "".join(chr(0x20000 + n * n % 199_999 % 40_000) for n in range(200_000))
    keep(article("𠀀" * 3_000, "x" * 9_000 + han, authors=(han,) * 2, tags=(han,)))

    assert len(search(session, "x" * 200)) == 1


@pytest.mark.parametrize("find", [search_best, search_newest])
@pytest.mark.parametrize("query", ["kata", "lang:id"])
def test_pages_go_on_while_articles_are_added(
    session: Session, keep: Keep, find: Callable[..., Page], query: str
) -> None:
    """Weights stay what they were, though the words become more common."""

    def add(number: int) -> int:
        text = "kata " * (number % 4 + 1) + "lain " * (number % 3)
        kept = keep(article("t", f"{text} {number}", language="id"))
        return kept.article_id

    ids = {add(number) for number in range(10)}
    page = find(session, query, limit=3)
    seen = [hit.article.id for hit in page.hits]
    while page.cursor:
        add(len(seen) + 100)
        page = find(session, query, limit=3, cursor=page.cursor)
        seen += [hit.article.id for hit in page.hits]

    assert sorted(seen) == sorted(ids)


def test_the_next_page_begins_where_a_lost_article_stood(
    session: Session, keep: Keep
) -> None:
    ids = [keep(article("t", "kata lain " * n)).article_id for n in (4, 3, 2, 1)]
    page = search_best(session, "kata", limit=2)
    session.delete(session.get_one(SearchRow, ids[1]))

    rest = search_best(session, "kata", limit=9, cursor=page.cursor)

    assert [hit.article.id for hit in rest.hits] == ids[2:]


def test_more_than_can_be_ranked_is_said_on_every_page(
    session: Session, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest are ranked; the oldest, the best of all, is on no page."""
    monkeypatch.setattr("storage.sql.search.RANKED", 3)
    ids = [keep(article("t", "kata " * n + "lain")).article_id for n in (9, 1, 2, 3)]

    first = search_best(session, "kata", limit=2)
    second = search_best(session, "kata", limit=2, cursor=first.cursor)

    hits = (*first.hits, *second.hits)
    assert sorted(hit.article.id for hit in hits) == ids[1:]
    assert [(page.counted, page.is_all) for page in (first, second)] == [(3, False)] * 2


def test_as_many_as_are_ranked_are_all(
    session: Session, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sql.search.RANKED", 3)
    for number in range(3):
        keep(article("t", f"kata {number}"))

    page = search_best(session, "kata", limit=2)

    assert (page.counted, page.is_all) == (3, True)


def test_parts_of_a_query_that_no_article_has_are_named(
    session: Session, keep: Keep
) -> None:
    keep(article("Judul", "Hujan dan angin.", language="id"))

    query = 'hujan title:angin "dan hujan" badai OR salju lang:de -gempa'

    assert unmatched(session, query) == (
        *("title:angin", "dan hujan", "badai OR salju", "lang:de"),
    )


@pytest.mark.parametrize("find", [search_best, search_newest])
@pytest.mark.parametrize(
    "cursor", ["x", "é", "!" * 500, "bnVsbA", "W10", "WyIiLDEsMSwxXQ", "\ud800"]
)
def test_no_cursor_breaks_a_search(
    session: Session, find: Callable[..., Page], cursor: str
) -> None:
    with pytest.raises(BadQuery):
        find(session, "kata", cursor=cursor)


def test_what_is_withheld_is_not_found(session: Session, keep: Keep) -> None:
    kept = keep(article("Judul", "Kata.", language="id"))
    row = session.get_one(ArticleRow, kept.article_id)
    session.get_one(LinkRow, row.link_id).withheld = "hide"
    session.flush()

    assert [found(session, query) for query in ("kata", "lang:id")] == [set(), set()]


WORDS = st.sampled_from(
    [
        *"\"'()*-:^+|&!\\%_ \0\ud800",
        *("OR", "AND", "NOT", "NEAR/2", "title:", "tag:", "lang:", "site:"),
        *("source:", "after:", "before:2026", "ab", "カ", "ที่"),
    ]
)


@given(query=st.one_of(st.text(st.characters()), st.lists(WORDS).map("".join)))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=100,
    deadline=None,
)
def test_any_query_is_answered_or_refused(session: Session, query: str) -> None:
    for find in (search_best, search_newest):
        try:
            hits = find(session, query).hits
        except BadQuery:
            hits = ()

        assert hits == ()


def test_characters_of_separate_runs_are_no_word(session: Session, keep: Keep) -> None:
    keep(article("Found", "東京、都会"))

    assert found(session, "京都") == set()


def test_a_source_is_found_by_its_exact_name(
    session: Session, keep: Keep, add_source: Callable[..., int]
) -> None:
    keep(article("Found", "x"), source_id=add_source("ÉCHO"))

    assert found(session, "source:ÉCHO") == {"Found"}


def test_a_title_weighs_more_than_a_text(session: Session, keep: Keep) -> None:
    keep(article("Parkir", "Kota tua ramai."))
    keep(article("Kota tua", "Parkir ramai."))

    hits = search(session, "parkir")

    assert titles(hits) == ["Parkir", "Kota tua"]
    assert hits[0].rank > hits[1].rank > 0


def test_an_article_is_found_by_the_headlines_that_it_had(
    session: Session, keep: Keep, add_link: Callable[..., int]
) -> None:
    link = add_link("changed")
    for hour, title in enumerate(["Menteri mundur", "Menteri bertahan", "Kabinet"]):
        at = datetime(2026, 3, 1, hour, tzinfo=UTC)
        keep(article(title, "Isi berita ini."), link_id=link, captured_at=at)

    assert found(session, "mundur") == {"Kabinet"}
    assert found(session, 'title:"menteri bertahan"') == {"Kabinet"}
    assert found(session, '"kabinet menteri"') == set()


def test_a_stub_does_not_add_its_headline(
    session: Session, keep: Keep, add_link: Callable[..., int]
) -> None:
    link = add_link("changed")
    words = " ".join(f"kata{n}" for n in range(80))
    for hour, (title, body) in enumerate([("Banjir", words), ("Tamu", words[:120])]):
        at = datetime(2026, 3, 1, hour, tzinfo=UTC)
        keep(article(title, body), link_id=link, captured_at=at)

    assert found(session, "tamu") == set()


def test_newest_first_is_by_age_alone(session: Session, keep: Keep) -> None:
    keep(article("Parkir", "Kota tua ramai."))
    keep(article("Kota tua", "Parkir ramai."))

    hits = search_newest(session, "parkir").hits

    assert [(hit.article.title, hit.rank) for hit in hits] == [
        ("Kota tua", 0.0),
        ("Parkir", 0.0),
    ]


def test_a_hit_shows_the_words_in_the_text(session: Session, keep: Keep) -> None:
    keep(article("Judul", "Harga CAFÉ naik."))

    (hit,) = search(session, "cafe")

    assert hit.snippet == (("Harga ", False), ("CAFÉ", True), (" naik.", False))


def test_a_reader_finds_what_the_writer_kept(
    reader: Session, session: Session, keep: Keep
) -> None:
    keep(article("Judul", "Kata."))
    session.commit()

    assert found(reader, "kata") == {"Judul"}


def test_a_row_deleted_behind_our_back_leaves_the_index(
    session: Session, keep: Keep
) -> None:
    kept = keep(article("Judul", "Kata."))

    session.execute(
        delete(SearchRow).where(col(SearchRow.article_id) == kept.article_id)
    )

    if session.get_bind().dialect.name == "sqlite":
        rows = "INSERT INTO search_index(search_index) VALUES ('integrity-check')"
        session.execute(text(rows))
    assert found(session, "kata") == set()


def test_indexing_again_replaces_the_words(session: Session, keep: Keep) -> None:
    kept = keep(article("Judul", "Kata."))

    index_article(session, kept.article_id, article("Judul", "Lain", authors=("Ani",)))

    assert [found(session, q) for q in ("kata", "lain", "author:ani")] == [
        set(),
        {"Judul"},
        {"Judul"},
    ]


def test_another_database_is_refused_by_name(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.flush()
    monkeypatch.setattr(engine.dialect, "name", "oracle")

    with pytest.raises(StorageError, match="oracle"):
        search(session, "word")


@pytest.mark.parametrize("query", ["storm", "-nothing storm*", "after:1990"])
def test_what_is_found_is_put_in_the_order_of_dates(
    session: Session, keep: Keep, query: str
) -> None:
    for number, year in enumerate((2019, 2024, 2001, 2024)):
        stated = Moment(
            at=datetime(year, 5, 1, tzinfo=UTC),
            precision=Precision.DAY,
            zone_stated=True,
        )
        keep(article(f"Storm of {year}", f"{number}", published=stated))

    pages, cursor = [], None
    for _ in range(2):
        page = search_dated(session, query, limit=2, cursor=cursor)
        pages.append(titles(list(page.hits)))
        cursor = page.cursor

    assert pages == [["Storm of 2024"] * 2, ["Storm of 2019", "Storm of 2001"]]
    assert cursor is None


def test_a_cursor_with_no_date_in_it_is_refused(session: Session) -> None:
    cursor = write_cursor(Place(2**62, 1, 0), "storm", "published")

    with pytest.raises(BadQuery, match="cannot be read"):
        search_dated(session, "storm", cursor=cursor)
