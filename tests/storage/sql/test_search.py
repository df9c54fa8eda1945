"""Searching a real FTS5 index in the languages that news is written in."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text
from sqlmodel import Session, col

from storage.errors import BadQuery, StorageError
from storage.sql.articles import Kept
from storage.sql.search import Hit, index_article, remove_from_index, search
from storage.sql.tables import SearchRow
from tests.storage.material import article

Keep = Callable[..., Kept]


def titles(hits: list[Hit]) -> list[str]:
    return [hit.article.title for hit in hits]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Pemerintah menaikkan tarif parkir di Bandung.", "TARIF parkir"),
        ("رَفَعَتِ الحكومة أسعار الخُبز.", "الخبز"),
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


@pytest.fixture
def parking(keep: Keep, add_source: Callable[..., int]) -> None:
    kabar = add_source("Kabar")
    keep(
        article("Tarif parkir", "Naik besok.", authors=("Ani Wira",), language="id"),
        source_id=kabar,
    )
    keep(article("Parkir", "Tarif naik parkir.", language="id"), source_id=kabar)
    keep(article("Parking", "Tarif means fee.", language="en-GB"))


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
        ("tarif lang:e", set()),
        ("tarif lang:e_", set()),
        ("source:kabar", {"Tarif parkir", "Parkir"}),
        ("lang:id -author:ani", {"Parkir"}),
        ("author:tarif", set()),
    ],
)
def test_the_query_language_is_obeyed(
    session: Session, query: str, expected: set[str]
) -> None:
    assert found(session, query) == expected


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("減税。", "税"),
        ("税金", "税"),
        ("は第5回大会", "第5回"),
        ("2024年度", "2024年"),
    ],
    ids=["end of a run", "start of a run", "cut off before", "cut off behind"],
)
def test_a_lone_character_is_found_in_a_run(
    session: Session, keep: Keep, text: str, query: str
) -> None:
    keep(article("Found", text))

    assert found(session, query) == {"Found"}


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


def test_newest_first_is_by_age_alone(session: Session, keep: Keep) -> None:
    keep(article("Parkir", "Kota tua ramai."))
    keep(article("Kota tua", "Parkir ramai."))

    hits = search(session, "parkir", newest=True)

    assert [(hit.article.title, hit.rank) for hit in hits] == [
        ("Kota tua", 0.0),
        ("Parkir", 0.0),
    ]


@pytest.mark.parametrize("query", ["kata", "lang:id"])
@pytest.mark.parametrize("newest", [True, False])
def test_pages_by_age_go_on(
    session: Session, keep: Keep, query: str, *, newest: bool
) -> None:
    ids = [keep(article("t", f"kata {n}", language="id")).article_id for n in range(4)]

    hits = search(session, query, newest=newest, before_id=ids[2], limit=1)
    rest = search(session, query, newest=newest, before_id=ids[2])

    assert len(hits) == 1
    assert {hit.article.id for hit in rest} == set(ids[:2])


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


def test_a_removed_article_is_not_found(session: Session, keep: Keep) -> None:
    kept = keep(article("Judul", "Kata."))

    remove_from_index(session, kept.article_id)

    assert found(session, "kata") == set()


def test_removing_twice_is_no_error(session: Session, keep: Keep) -> None:
    kept = keep(article("Judul", "Kata."))
    remove_from_index(session, kept.article_id)

    remove_from_index(session, kept.article_id)

    assert found(session, "judul") == set()


def test_a_row_deleted_behind_our_back_leaves_the_index(
    session: Session, keep: Keep
) -> None:
    kept = keep(article("Judul", "Kata."))

    session.execute(
        delete(SearchRow).where(col(SearchRow.article_id) == kept.article_id)
    )

    check = text("INSERT INTO search_index(search_index) VALUES ('integrity-check')")
    session.execute(check)
    assert found(session, "kata") == set()


def test_indexing_again_replaces_the_words(session: Session, keep: Keep) -> None:
    kept = keep(article("Judul", "Kata."))

    index_article(session, kept.article_id, "Judul", "Lain", ["Ani"])

    assert [found(session, q) for q in ("kata", "lain", "author:ani")] == [
        set(),
        {"Judul"},
        {"Judul"},
    ]


@given(query=st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_query_is_answered_or_refused(session: Session, query: str) -> None:
    try:
        hits = search(session, query)
    except BadQuery:
        hits = []

    assert hits == []


def test_another_database_is_refused_by_name(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.dialect, "name", "postgresql")

    with pytest.raises(StorageError, match="postgresql"):
        search(session, "word")
