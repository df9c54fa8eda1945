"""Searching a real FTS5 index in the languages that news is written in."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage.errors import BadQuery, StorageError
from storage.sql.articles import Kept
from storage.sql.search import Hit, search
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


def test_another_database_is_refused_by_name(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.dialect, "name", "postgresql")

    with pytest.raises(StorageError, match="postgresql"):
        search(session, "word")
