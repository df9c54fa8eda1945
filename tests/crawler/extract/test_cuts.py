"""Torn lines are mended, cut ones are named, nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.cuts import mend_lines

_LONG = "Laporan itu menyebut bahwa pemerintah akan membangun jembatan baru di wilayah timur Indo"


def test_an_orphan_mark_returns_to_a_line_cut_within_a_word() -> None:
    mended = mend_lines([_LONG, ".", "Menurut warga, hujan turun."])

    assert mended.lines == (_LONG + ".", "Menurut warga, hujan turun.")
    assert mended.sources == ((0, 1), (2,))
    assert mended.defects == ('cut_mid_word: paragraph 0, last token "Indo"',)


def test_a_last_token_that_the_text_knows_is_no_cut() -> None:
    mended = mend_lines([_LONG, ".", "Indo adalah nama sebuah toko."])

    assert mended.lines[0].endswith("Indo.")
    assert (mended.cut_at, mended.defects) == ((), ())


def test_noise_after_a_finished_line_goes() -> None:
    mended = mend_lines(["It rained.", ".", "Then it stopped."])

    assert mended.lines == ("It rained.", "Then it stopped.")
    assert mended.orphans == (1,)


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["It cost 3", ".", "5 million."], "It cost 3.5 million."),
        (
            ["Der Preis stieg um 3", ",", "5 Prozent."],
            "Der Preis stieg um 3,5 Prozent.",
        ),
        (["At 10", ":", "30 he left."], "At 10:30 he left."),
    ],
)
def test_a_number_torn_at_its_point_is_whole_again(
    lines: list[str], joined: str
) -> None:
    mended = mend_lines(lines)

    assert mended.lines == (joined,)
    assert mended.sources == ((0, 1, 2),)
    assert (mended.cut_at, mended.orphans) == ((0,), (1,))


@pytest.mark.parametrize(
    ("lines", "cut_at"),
    [
        pytest.param(["The plan [&hellip;]"], (0,), id="excerpt mark"),
        pytest.param(
            ["Der Rat beschloss am Abend…", "Weiterlesen"], (0,), id="read more"
        ),
        pytest.param(["x" * 500], (0,), id="500 characters"),
        pytest.param([" ".join(["kata"] * 55)], (0,), id="55 words"),
        pytest.param(["Er sagte nichts …", "Dann ging er."], (), id="a pause"),
        pytest.param([_LONG, "Read more"], (0,), id="no mark before read more"),
        pytest.param(["雨が強くなり、川の水が増えはじめ"], (0,), id="Japanese clause"),
        pytest.param(["雨が強くなる見込み、川に注意を。"], (), id="Japanese sentence"),
        pytest.param(["A heading"], (), id="heading"),
        pytest.param(["***", "Next part."], (), id="divider"),
        pytest.param([], (), id="nothing"),
    ],
)
def test_cut_at(lines: list[str], cut_at: tuple[int, ...]) -> None:
    assert mend_lines(lines).cut_at == cut_at


def test_an_orphan_at_the_start_goes() -> None:
    assert mend_lines([".", "It rained."]).lines == ("It rained.",)


def test_a_short_unfinished_line_takes_its_mark_without_a_defect() -> None:
    mended = mend_lines(['She said "no', '".'])

    assert mended.lines == ('She said "no".',)
    assert mended.defects == ()


@given(st.lists(st.text(max_size=20), max_size=8))
def test_every_line_comes_from_input_lines_in_order(lines: list[str]) -> None:
    mended = mend_lines(lines)
    used = [index for sources in mended.sources for index in sources]

    assert len(mended.sources) == len(mended.lines)
    assert used == sorted(set(used))
    assert set(range(len(lines))) - set(used) <= set(mended.orphans)
