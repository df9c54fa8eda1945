"""What the other pages of a host say of a page's blocks."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.layout.blocks import Container, Layout, TextBlock, measure_layout
from crawler.extract.measure import fold
from crawler.extract.source import HostKnowledge, PageSource
from crawler.extract.template import (
    HostView,
    Seen,
    Sighting,
    block_key,
    footprint,
    is_repeated,
    keys_of,
)
from storage.model.article import Article, BlockKind

NOW = datetime(2026, 3, 3, tzinfo=UTC)
PROSE = (
    "The reservoir above the town has filled again, the water board said on Monday.",
    "Engineers had lowered it in autumn, to mend a long crack in the northern wall of the dam.",
    "Farmers in the valley below may water their fields again from the first of May.",
)
NOTICE = "The Valley Courier follows the code of the press council in all it prints and says."


def block(text: str, *, linked: bool = False, table: bool = False) -> TextBlock:
    return TextBlock(
        kind=BlockKind.TABLE if table else BlockKind.PARAGRAPH,
        text=text,
        level=0,
        tag="p",
        container=0,
        linked=len(text) if linked else 0,
        links=int(linked),
    )


def laid_out(texts: Sequence[str]) -> Layout:
    root = Container(parent=-1, tag="body", markup="", chrome=None, hook=None)
    return measure_layout([root], [block(text) for text in texts])


def sightings(
    texts: Sequence[str],
    counts: dict[str, tuple[int, int]],
    *,
    pages: int = 8,
    titles: Sequence[str] = (),
    names: Sequence[str] = (),
    own: Sequence[str] = (),
) -> dict[str, Sighting]:
    layout = laid_out(texts)
    view = HostView(
        known=HostKnowledge(
            blocks={block_key(block(t)): count for t, count in counts.items()},
            pages=pages,
        ),
        keys=keys_of(layout),
        titles={fold(title) for title in titles},
        names=names,
        own={block_key(block(text)) for text in own},
    )
    prose = [i for i, weight in enumerate(layout.prose) if weight > 0]
    found = view.look_up(layout, prose, range(len(texts)))
    return {texts[index]: seen for index, seen in found.items()}


def verdicts(
    texts: Sequence[str],
    counts: dict[str, tuple[int, int]],
    *,
    pages: int = 8,
    titles: Sequence[str] = (),
    names: Sequence[str] = (),
    own: Sequence[str] = (),
) -> dict[str, Seen]:
    found = sightings(
        texts, counts, pages=pages, titles=titles, names=names, own=own
    ).items()
    return {text: seen.verdict for text, seen in found if seen.verdict}


# ---- keys -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("16 Ansichten", "1.204 Ansichten".replace(".", "")),
        ("READ ALSO", "Read also:"),
        ("» Read also", "Read also"),
        ("Ｒｅａｄ ａｌｓｏ", "Read also"),
        ("3", "14"),
        ("१६ दृश्य", "२ दृश्य"),
    ],
    ids=["numbers", "case and end", "decoration", "width", "numbers alone", "digits"],
)
def test_lines_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert block_key(block(one)) == block_key(block(other))


def test_numbers_in_tables_are_not_masked() -> None:
    one, other = block("Wheat 212", table=True), block("Wheat 209", table=True)

    assert block_key(one) != block_key(other)


def test_a_link_has_another_key_than_the_same_words_unlinked() -> None:
    text = "Dam wall is mended"

    assert block_key(block(text, linked=True)) != block_key(block(text))
    assert block_key(block(text, linked=True)) & 1 == 1


def test_a_key_fits_a_signed_number_of_64_bits() -> None:
    keys = [block_key(block(f"word {chr(97 + n)}")) for n in range(26)]

    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert len(set(keys)) == 26


def test_marks_without_letter_or_digit_have_no_key() -> None:
    assert block_key(block("* * *")) == 0


# ---- what is repeated -----------------------------------------------------------


@pytest.mark.parametrize(
    ("df", "pages", "repeated"),
    [
        (2, 8, True),
        (1, 8, False),
        (4, 20, False),
        (5, 20, True),
        (2, 3, False),
        (3, 3, True),
        (2, 2, True),
        (1, 1, False),
    ],
)
def test_a_quarter_of_the_pages_and_two_at_least(
    df: int, pages: int, *, repeated: bool
) -> None:
    assert is_repeated(40, df, 1, pages) is repeated


@pytest.mark.parametrize(
    ("df", "days", "repeated"), [(3, 3, False), (4, 2, False), (4, 3, True)]
)
def test_a_long_block_needs_half_of_the_pages_and_three_days(
    df: int, days: int, *, repeated: bool
) -> None:
    assert is_repeated(201, df, days, 8) is repeated


def test_a_repeated_line_is_dropped_with_its_counts() -> None:
    found = sightings([*PROSE, "Follow the Courier"], {"Follow the Courier": (5, 1)})

    assert found == {
        "Follow the Courier": Sighting(
            verdict=Seen.DROP, rule="repeated:5/8", seen_on=(5, 8)
        )
    }


def test_a_line_seen_once_is_only_told() -> None:
    found = sightings([*PROSE, "Dam wall is mended"], {"Dam wall is mended": (1, 1)})

    assert found["Dam wall is mended"].verdict is None
    assert found["Dam wall is mended"].seen_on == (1, 8)


def test_an_interface_phrase_is_dropped_when_seen_once() -> None:
    found = sightings([*PROSE, "Read more"], {"Read more": (1, 1)})

    assert found["Read more"].verdict is Seen.DROP
    assert found["Read more"].rule == "read_more_seen:1/8"


def test_a_link_is_dropped_when_seen_once() -> None:
    layout = laid_out(PROSE)
    linked = block("Dam wall is mended", linked=True)
    layout = measure_layout(layout.containers, [*layout.blocks, linked])
    view = HostView(
        known=HostKnowledge(blocks={block_key(linked): (1, 1)}, pages=8),
        keys=keys_of(layout),
        titles=(),
    )

    assert view.look_up(layout, [0, 1, 2], range(4))[3].rule == "linked_seen:1/8"


# ---- guards ---------------------------------------------------------------------


def test_the_pages_own_title_is_never_dropped() -> None:
    texts = [*PROSE, "Dam wall is mended"]

    assert (
        verdicts(texts, {"Dam wall is mended": (8, 8)}, titles=["Dam wall is mended!"])
        == {}
    )


def test_a_headline_that_others_link_to_stays() -> None:
    layout = laid_out([*PROSE, "Dam wall is mended"])
    linked = block_key(block("Dam wall is mended", linked=True))
    view = HostView(
        known=HostKnowledge(blocks={linked: (8, 8)}, pages=8),
        keys=keys_of(layout),
        titles=(),
    )

    assert view.look_up(layout, [0, 1, 2], range(4)) == {}


def test_a_true_sentence_repeated_on_many_pages_is_only_marked() -> None:
    assert verdicts(PROSE, {PROSE[1]: (8, 8)}) == {PROSE[1]: Seen.MARK}


def test_a_marked_sentence_is_not_told_as_repeated() -> None:
    assert sightings(PROSE, {PROSE[1]: (8, 8)})[PROSE[1]].seen_on == (1, 8)


@pytest.mark.parametrize("place", [0, 3], ids=["first", "last"])
def test_a_notice_at_an_end_of_the_body_goes(place: int) -> None:
    texts = list(PROSE)
    texts.insert(place, NOTICE)

    assert verdicts(texts, {NOTICE: (4, 1)}) == {NOTICE: Seen.DROP}
    assert verdicts(texts, {NOTICE: (3, 1)}) == {NOTICE: Seen.MARK}


def test_two_notices_at_the_end_go_together() -> None:
    other = "What is printed here may be quoted with the name of the paper that did so."
    counts = {NOTICE: (8, 1), other: (8, 1)}

    assert verdicts([*PROSE, NOTICE, other], counts) == dict.fromkeys(counts, Seen.DROP)


def test_a_notice_with_the_sites_name_goes_from_anywhere() -> None:
    texts = [PROSE[0], NOTICE, *PROSE[1:]]

    assert verdicts(texts, {NOTICE: (8, 1)}) == {NOTICE: Seen.MARK}
    assert verdicts(texts, {NOTICE: (8, 1)}, names=["Valley Courier"]) == {
        NOTICE: Seen.DROP
    }


def test_numbers_alone_stay_inside_the_body() -> None:
    counts = {"1": (8, 8)}

    assert verdicts([PROSE[0], "2", *PROSE[1:]], counts) == {}
    assert verdicts([*PROSE, "2"], counts) == {"2": Seen.DROP}


def test_a_page_does_not_witness_against_itself() -> None:
    texts = [*PROSE, "Follow the Courier"]
    counts = {"Follow the Courier": (2, 1)}

    assert verdicts(texts, counts) == {"Follow the Courier": Seen.DROP}
    assert verdicts(texts, counts, own=["Follow the Courier"]) == {}


# ---- in the extractor -----------------------------------------------------------


def page(number: int, *, prose: Sequence[str] = PROSE, tail: str = "") -> bytes:
    own = "".join(
        f"<p>{text[:-1]}, as item {chr(97 + number)} has it.</p>" for text in prose
    )
    return (
        f"<html><head><title>Item {chr(97 + number)} of the valley</title></head><body>"
        f"<article><h1>Item {chr(97 + number)} of the valley</h1>{own}{tail}</article>"
        "</body></html>"
    ).encode()


def read(body: bytes, known: HostKnowledge | None = None) -> Article:
    extraction = extract(PageSource("https://valley.example/a", body, NOW, known=known))
    assert extraction.article is not None
    return extraction.article


def known_of(bodies: Sequence[bytes], days: int = 1) -> HostKnowledge:
    counts: dict[int, int] = {}
    for body in bodies:
        found = extract(PageSource("https://valley.example/a", body, NOW)).footprint
        assert found is not None
        for key in found.keys:
            counts[key] = counts.get(key, 0) + 1
    blocks = {key: (df, days) for key, df in counts.items()}
    return HostKnowledge(blocks=blocks, pages=len(bodies))


def test_what_the_host_repeats_leaves_the_text_with_class_rule_and_place() -> None:
    tail = f"<p>{NOTICE}</p>"
    known = known_of([page(n, tail=tail) for n in range(1, 6)])

    alone, cleaned = read(page(0, tail=tail)), read(page(0, tail=tail), known)

    assert alone.text == f"{cleaned.text}\n\n{NOTICE}"
    (line,) = [r for r in cleaned.removed if r.boilerplate == "template"]
    assert (line.text, line.rule, line.index) == (NOTICE, "repeated:5/5", 4)


def test_repeated_prose_inside_the_body_stays_and_is_marked() -> None:
    def with_notice(number: int) -> bytes:
        return page(number).replace(b"</p>", f"</p><p>{NOTICE}</p>".encode(), 1)

    known = known_of([with_notice(n) for n in range(1, 6)])

    article = read(with_notice(0), known)

    assert NOTICE in article.text
    assert "repeated_prose" in article.marks


def test_a_page_is_never_emptied() -> None:
    body = page(0)
    known = known_of([body] * 6, days=6)

    article = read(body, known)

    assert article.text == read(body).text
    assert "needs_review" in article.marks


def test_a_page_with_little_prose_teaches_nothing() -> None:
    assert footprint(laid_out(PROSE[:2]), [1, 2], [0, 1]) is None


def test_a_footprint_names_each_key_once_and_what_was_kept() -> None:
    layout = laid_out([*PROSE, "Read more", "Read more", "* * *"])
    keys = keys_of(layout)

    found = footprint(layout, keys, [0, 1, 2])

    assert found is not None
    assert found.keys == tuple(keys[:4])
    assert found.kept == tuple(keys[:3])
    assert found.samples[3] == "Read more"


def test_a_long_notice_outside_the_body_needs_no_days() -> None:
    layout = laid_out([*PROSE, f"{NOTICE} {NOTICE} {NOTICE}"])
    view = HostView(
        known=HostKnowledge(blocks={keys_of(layout)[3]: (3, 1)}, pages=8),
        keys=keys_of(layout),
        titles=(),
    )

    assert view.look_up(layout, [0, 1, 2], range(4))[3].rule == "repeated:3/8"
    assert view.look_up(layout, [0, 1, 2, 3], range(4))[3].rule == ""


def test_a_page_of_thousands_of_blocks_teaches_nothing() -> None:
    letters = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(676)]
    texts = [*PROSE, *(a + b for a in letters[:4] for b in letters)]
    layout = laid_out(texts)

    assert footprint(layout, keys_of(layout), [0, 1, 2]) is None
