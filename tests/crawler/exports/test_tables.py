import builtins
import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.exports.fields import FIELDS, values_of
from crawler.exports.tables import write_csv, write_json_lines, write_parquet
from storage.model.moment import Moment, Precision
from tests.crawler.exports.told import AT, article, told

JAKARTA = timezone(timedelta(hours=7))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def csv_of(*versions: object) -> list[dict[str, str]]:
    out = io.BytesIO()
    write_csv(versions, out)  # type: ignore[arg-type]
    text = out.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("precision", "zone", "said"),
    [
        (Precision.DAY, False, "2026-03-01"),
        (Precision.MINUTE, True, "2026-03-01T08:30+07:00"),
        (Precision.SECOND, False, "2026-03-01T08:30:05"),
    ],
)
def test_a_date_is_told_as_exactly_as_it_is_known(
    precision: Precision, zone: bool, said: str
) -> None:
    at = datetime(2026, 3, 1, 8, 30, 5, tzinfo=JAKARTA)
    moment = Moment(at=at, precision=precision, zone_stated=zone)

    values = values_of(told(article(published=moment)))

    assert values["published"] == said
    assert values["published_at"] == at.astimezone(UTC)


def test_a_date_outside_the_calendar_has_no_utc() -> None:
    at = datetime(1, 1, 1, tzinfo=JAKARTA)
    moment = Moment(at=at, precision=Precision.SECOND, zone_stated=True)

    assert values_of(told(article(published=moment)))["published_at"] is None


def test_json_lines_hold_every_field_in_order() -> None:
    out = io.BytesIO()
    write_json_lines([told(article("Überschrift\n\u202e"))], out)
    document = json.loads(out.getvalue())

    assert list(document) == [field.name for field in FIELDS]
    assert document["title"] == "Überschrift\n\u202e"
    assert datetime.fromisoformat(document["first_seen"]) == AT


def test_a_newline_in_a_headline_makes_no_second_json_line() -> None:
    out = io.BytesIO()
    write_json_lines([told(article("a\nb\u2028c"))] * 2, out)

    assert out.getvalue().count(b"\n") == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_of_csv_is_no_formula(start: str) -> None:
    (row,) = csv_of(told(article(f"{start}cmd|' /C calc'!A0")))

    assert row["title"] == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("mark", [";", "; ", "\t", "\n", "\r\n"])
@pytest.mark.parametrize(
    "formula",
    ["=HYPERLINK(1)", "＝1", "-2+3+cmd|' /C calc'!A0", "+SUM(1)", "@SUM(1)"],
)
def test_no_formula_begins_where_semicolons_part_cells(mark: str, formula: str) -> None:
    out = io.BytesIO()
    write_csv([told(article(f"x{mark}{formula}"))], out)
    text = out.getvalue().decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))

    assert row["title"] == f"x{mark}'{formula}"
    cells = [one for line in text.splitlines() for one in line.split(";")]
    assert not [c for c in cells if c.strip().startswith(("=", "-", "+", "@", "＝"))]


@pytest.mark.parametrize(
    "plain",
    ["so; -) and ;-)", "he asked:\n- Why?\n@desk said", "5 < 6; + 2", "a=b; c=d"],
)
def test_prose_is_as_it_was(plain: str) -> None:
    (row,) = csv_of(told(article(plain)))

    assert row["title"] == plain


@pytest.mark.parametrize("text", ["x;y", "x\ty", "x,y"])
def test_a_text_with_what_parts_cells_is_in_quotes(text: str) -> None:
    out = io.BytesIO()
    write_csv([told(article(text), warc_offset=7)], out)

    line = out.getvalue().decode().splitlines()[1]
    assert f',"{text}",' in line
    assert ",7," in line
    assert ',"",' not in line


@settings(deadline=None)
@given(title=TEXTS, author=TEXTS)
def test_csv_is_read_back_as_it_was(title: str, author: str) -> None:
    (row,) = csv_of(told(article(title, authors=(author,) if author else ())))

    for cell, was in ((row["title"], title), (row["authors"], author)):
        assert cell.replace("'", "") == was.replace("\0", "").replace("'", "")
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_lines_end_as_the_rfc_says() -> None:
    out = io.BytesIO()
    write_csv([told()], out)

    assert out.getvalue().count(b"\r\n") == 2


def test_parquet_has_types_and_row_groups(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    with path.open("wb") as out:
        one = told(article(authors=("Ada", "Ben")), warc_offset=2**40)
        write_parquet([one] * 1001, out)

    file = parquet.ParquetFile(path)
    row = file.read_row_group(1).to_pylist()[0]

    assert file.num_row_groups == 2
    assert file.schema_arrow.field("first_seen").type == pa.timestamp("us", tz="UTC")
    assert (row["authors"], row["warc_offset"]) == (["Ada", "Ben"], 2**40)
    assert row["first_seen"] == AT
    assert file.schema_arrow.field("id").metadata[b"means"].startswith(b"the article")


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(UsageError, match=r"pip install 'kliping\[parquet\]'"):
        write_parquet([], io.BytesIO())
