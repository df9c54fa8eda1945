"""What the block model chose is cleaned with regard to how sure it was."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from crawler.extract.boilerplate import Cleaned, clean
from crawler.extract.layout.walk import lay_out
from crawler.extract.measure import fold
from crawler.extract.page import read_page
from crawler.extract.source import PageSource

_A = "The reservoir above the village has filled again after a dry year, the board said on Monday."
_B = "Fields below the dam will be watered from the first of April, two weeks earlier than last year."
_LABEL = "Watered from the first of April until the last of October"


def _clean(
    markup: str,
    scores: list[float],
    titles: tuple[str, ...] = (),
    chosen: Sequence[int] | None = None,
) -> Cleaned:
    page = read_page(
        PageSource(
            "https://paper.example/a",
            f"<body><main>{markup}</main>".encode(),
            datetime(2026, 3, 3, tzinfo=UTC),
        )
    )
    assert page.tree is not None
    assert page.tree.body is not None
    layout = lay_out(page.tree.body, {})
    assert len(layout.blocks) == len(scores)
    return clean(
        layout,
        range(len(scores)) if chosen is None else chosen,
        titles={fold(title) for title in titles},
        scores=scores,
    )


def _texts(cleaned: Cleaned) -> list[str]:
    return [block.text for block in cleaned.blocks]


def _figures(count: int) -> str:
    return "".join(
        f"<figure><figcaption>{n}. {_B}</figcaption></figure>" for n in range(count)
    )


def test_a_label_above_links_goes_though_the_links_were_not_chosen() -> None:
    links = "".join(f"<p><a href=/{n}>{_LABEL}</a></p>" for n in range(2))
    cleaned = _clean(
        f"<p>{_A}</p><p>Leia também:</p>{links}<p>{_B}</p>",
        [0.9, 0.9, 0.1, 0.1, 0.9],
        chosen=[0, 1, 4],
    )

    assert _texts(cleaned) == [_A, _B]


def test_a_copyright_line_ends_no_story() -> None:
    owner = (
        "Copyright 1999 Reservoir Press. This may not be published or redistributed."
    )
    cleaned = _clean(f"<p>{_A}</p><p>{_B}</p><p>{owner}</p>", [0.9] * 3)

    assert _texts(cleaned) == [_A, _B]


def test_captions_are_not_put_back_beside_twice_as_much_text() -> None:
    cleaned = _clean(f"<p>{_A} {_A} {_B} {_B} {_B}</p>{_figures(2)}", [0.9] * 3)

    assert _texts(cleaned) == [f"{_A} {_A} {_B} {_B} {_B}"]
    assert len(cleaned.captions) == 2


def test_a_story_told_in_pictures_keeps_their_captions() -> None:
    cleaned = _clean(f"<p>{_A}</p>{_figures(3)}", [0.9] * 4)

    assert len(_texts(cleaned)) == 4
    assert "needs_review" in cleaned.marks


def test_a_label_that_a_list_repeats_stays() -> None:
    items = f"<ul><li>{_LABEL}</li></ul>"

    cleaned = _clean(f"<p>{_A}</p>{items}<p>{_B}</p>{items}", [0.9] * 4)

    assert _texts(cleaned) == [_A, _LABEL, _B, _LABEL]


def test_a_part_that_is_shown_twice_goes_with_its_lists() -> None:
    part = f"<div><p>{_A}</p><ul><li>{_LABEL}</li></ul><p>{_B}</p></div>"

    assert _texts(_clean(part + part, [0.9] * 6)) == [_A, _LABEL, _B]


def test_dividers_stay_between_paragraphs_alone() -> None:
    cleaned = _clean(
        f"<p>-----</p><p>{_A}</p><p>* * *</p><p>{_B}</p><p>___</p>", [0.9] * 5
    )

    assert _texts(cleaned) == [_A, "* * *", _B]
    assert [r.rule for r in cleaned.removed] == ["parts_nothing"] * 2


@pytest.mark.parametrize(
    "day",
    [
        "Friday, November 27, 2026",
        "27 พฤศจิกายน 2569 10:30 น.",
        "جمعه ۶ آذر ۱۴۰۵ - ۱۴:۳۰",
        "2026年11月27日(金) 10:30",
        "2026年11月27日 10時30分",
        "2026年11月27日 午後10時30分",
        "2026년 11월 27일 오전 10시 30분",
        "ថ្ងៃទី២៧ ខែវិច្ឆិកា ឆ្នាំ២០២៦",
        "ថ្ងៃសុក្រ ទី២៧ ខែវិច្ឆិកា ឆ្នាំ២០២៦ ម៉ោង ១០:៣០ ព្រឹក",
        "الجمعة 17 جمادى الآخرة 1448 هـ - 27 نوفمبر 2026 م",
    ],
)
def test_the_day_over_a_story_is_none_of_it(day: str) -> None:
    cleaned = _clean(f"<p>{day}</p><p>{_A}</p><p>{_B}</p>", [0.9] * 3)

    assert _texts(cleaned) == [_A, _B]
    assert [r.boilerplate for r in cleaned.removed] == ["published_at"]


def test_the_days_of_a_chronicle_stay() -> None:
    first, second = "27 November 2026", "28 November 2026"

    cleaned = _clean(f"<p>{first}</p><p>{_A}</p><p>{second}</p><p>{_B}</p>", [0.9] * 4)

    assert _texts(cleaned) == [first, _A, second, _B]


@pytest.mark.parametrize(
    "line",
    [
        "Bali, 27 November 2026",
        "On 27 November 2026 the dam broke.",
        "2026",
        "2026年11月27日 10時 開幕",
    ],
)
def test_a_line_that_says_more_than_a_day_stays(line: str) -> None:
    assert _texts(_clean(f"<p>{line}</p><p>{_A}</p>", [0.9] * 2)) == [line, _A]


def test_a_heading_stays_that_a_table_of_contents_gave() -> None:
    contents = f"<ul><li>{_LABEL}</li></ul>"

    cleaned = _clean(
        f"<p>{_A}</p>{contents}<h2>{_LABEL}</h2><p>{_B}</p>", [0.9, 0.6, 0.6, 0.9]
    )

    assert _texts(cleaned) == [_A, _LABEL, _LABEL, _B]


def test_a_standfirst_stays_that_is_given_as_a_title_too() -> None:
    cleaned = _clean(f"<p>{_A}</p><p>{_B}</p>", [0.9, 0.9], titles=(_A,))

    assert _texts(cleaned) == [_A, _B]


def test_a_headline_goes_however_sure_the_model_was() -> None:
    cleaned = _clean(f"<h1>{_A}</h1><p>{_B}</p>", [0.9, 0.9], titles=(_A,))

    assert _texts(cleaned) == [_B]


def test_a_box_of_facts_stands_apart() -> None:
    box = f"<div class=article-factbox><p>{_B}</p></div>"

    cleaned = _clean(f"<p>{_A}</p><p>{_LABEL}.</p>{box}", [0.9] * 3)

    assert _texts(cleaned) == [_A, f"{_LABEL}."]
    assert [line.boilerplate for line in cleaned.removed] == ["factbox"]


_ASKS = "Every morning at seven we send you the stories of the harbour, free of charge."


@pytest.mark.parametrize(
    "box",
    [
        "<div class=newsletter-box><p>{asks}</p><form><input></form></div>",
        "<aside class=inline-signup><p>{asks}</p><div><form></form></div></aside>",
    ],
    ids=["a box", "an aside"],
)
def test_a_box_that_asks_for_an_address_is_no_text(box: str) -> None:
    asked = box.format(asks=_ASKS)
    cleaned = _clean(f"<p>{_A}</p><p>{_B}</p>{asked}<p>{_A} {_B}</p>", [0.9] * 4)

    assert _ASKS not in _texts(cleaned)
    assert [(r.boilerplate, r.rule) for r in cleaned.removed] == [
        ("newsletter", "holds_form")
    ]


@pytest.mark.parametrize(
    "part",
    [
        "<div class=newsletter-box><p>{asks}</p></div>",
        "<div class=letter-box><p>{asks}</p><form></form></div>",
        "<div class=newsletter><p>{asks}</p><p>{asks} {asks}</p><form></form></div>",
    ],
    ids=["no form", "another name", "much of the text"],
)
def test_other_parts_that_speak_of_a_newsletter_stay(part: str) -> None:
    asked = part.format(asks=_ASKS)
    scores = [0.9] * (3 + asked.count("<p>"))
    cleaned = _clean(f"<p>{_A}</p><p>{_B}</p>{asked}<p>{_A} {_B}</p>", scores)

    assert _ASKS in _texts(cleaned)


def test_a_table_of_facts_stays() -> None:
    rows = "".join(
        f"<tr><th>{name}</th><td>{value}</td></tr>"
        for name, value in (("Height", "40 m"), ("Built", "1931"), ("Water", "full"))
    )

    cleaned = _clean(f"<p>{_A}</p><table class=infobox>{rows}</table>", [0.9] * 2)

    assert _texts(cleaned) == [_A, "Height | 40 m\nBuilt | 1931\nWater | full"]


def test_short_lines_over_a_headline_in_the_story_go() -> None:
    cleaned = _clean(
        f"<p>Harbour Lamp</p><p>Home &gt; News &gt;</p><div>Water is back<br>3 May 2024 | Ida</div><p>{_A}</p><p>{_B}</p>",
        [0.8, 0.8, 0.9, 0.9, 0.9],
        titles=("Water is back",),
    )

    assert _texts(cleaned) == [_A, _B]
    assert [line.rule for line in cleaned.removed] == [
        "over_headline",
        "over_headline",
        "begins_with_title",
    ]


@pytest.mark.parametrize(
    ("count", "stamp", "rest"),
    [
        ("Коментари (2)", "Кито 25/11/2026 14:02", []),
        ("Maoni (2)", "Kito 25.11.2026, 14:02", []),
        ("Maoni", "Kito 25.11.2026, 14:02", None),
        ("Maoni (2)", "The board met in a tent", None),
    ],
    ids=["counted", "in brackets", "no count", "no day"],
)
def test_dated_lines_below_a_count_of_comments_go(
    count: str, stamp: str, rest: list[str] | None
) -> None:
    comment = f"{stamp}\nGood news, we waited for it."
    shown = comment.replace("\n", "<br>")
    cleaned = _clean(
        f"<p>{_A}</p><p>{_B}</p><div>{count}</div><div>{shown}</div>", [0.9] * 4
    )

    assert _texts(cleaned)[2:] == ([comment] if rest is None else rest)
