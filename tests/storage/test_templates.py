"""How pages are counted: each story once, the newest fifty, and what is forgotten."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from storage.templates import (
    RING,
    CountedPage,
    Template,
    is_redesigned,
    learn,
    neighbours_of,
    to_clean_again,
)

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
#: Keys that every page of the site shows.
FRAME = range(10)


def page(
    link: int,
    *,
    frame: Iterable[int] = FRAME,
    text: Iterable[int] = (),
    at: datetime = NOON,
    others: int = 0,
    neighbours: int = 0,
) -> CountedPage:
    kept = frozenset(text) or frozenset(range(link * 100, link * 100 + 5))
    return CountedPage(
        link=link,
        capture=link + 1000,
        seen_at=at,
        keys=frozenset(frame) | kept,
        kept=kept,
        others=others,
        neighbours=neighbours,
    )


def learned(pages: Iterable[CountedPage], now: datetime = NOON) -> Template:
    template = Template()
    for one in pages:
        template = learn(template, [one], {}, now)
    return template


def test_a_key_counts_once_a_page() -> None:
    template = learn(Template(), [page(n) for n in range(1, 4)], {}, NOON)

    assert template.blocks[0].df == 3
    assert template.blocks[101].df == 1


def test_a_story_fetched_again_counts_once() -> None:
    template = learned([page(1), page(2), page(1, at=NOON + DAY)], NOON + DAY)

    assert len(template.pages) == 2
    assert template.blocks[0].df == 2
    assert template.blocks[101].df == 1


def test_the_same_text_under_another_address_is_not_counted() -> None:
    template = learned([page(1), page(2), page(3, text=range(100, 105))])

    assert [one.link for one in template.pages] == [1, 2]
    assert template.blocks[101].df == 1


def test_pages_that_share_a_notice_are_not_one_story() -> None:
    texts = [[n, n + 1, 50, 51, 52, 53] for n in (201, 301, 401)]

    template = learned(page(n, text=text) for n, text in enumerate(texts, 1))

    assert len(template.pages) == 3
    assert template.blocks[50].df == 3


def test_the_newest_pages_are_kept() -> None:
    template = learned(page(n) for n in range(1, RING + 6))

    assert [one.link for one in template.pages] == list(range(6, RING + 6))
    assert template.blocks[0].df == RING
    assert 101 not in template.blocks


def test_days_are_counted_not_pages() -> None:
    days = [NOON, NOON + timedelta(minutes=5), NOON + DAY, NOON + 2 * DAY]

    template = learned(page(n, at=at) for n, at in enumerate(days, 1))

    assert (template.blocks[0].df, template.blocks[0].days) == (4, 3)
    assert template.blocks[0].first_seen == NOON
    assert template.blocks[0].last_seen == NOON + 2 * DAY


def test_what_one_page_showed_long_ago_is_forgotten() -> None:
    template = learned([page(1), page(2)])

    later = learn(template, [page(3, at=NOON + 61 * DAY)], {}, NOON + 61 * DAY)

    assert 101 not in later.blocks
    assert later.blocks[0].df == 3
    assert 301 in later.blocks


def test_what_was_forgotten_stays_so_until_it_is_seen_again() -> None:
    forgotten = learn(learned([page(1)]), [page(2)], {}, NOON + 61 * DAY)

    again = learn(forgotten, [page(3, text=[101, 301, 302, 303])], {}, NOON + 61 * DAY)
    later = learn(forgotten, [page(4)], {}, NOON + 61 * DAY)

    assert again.blocks[101].df == 2
    assert 101 not in later.blocks


def test_a_sample_is_kept_once_two_pages_have_the_block() -> None:
    once = learn(Template(), [page(1)], {0: "Read more", 101: "A story."}, NOON)
    twice = learn(once, [page(2)], {0: "Read more"}, NOON)

    assert once.blocks[0].sample == ""
    assert twice.blocks[0].sample == "Read more"
    assert twice.blocks[101].sample == ""


# ---- redesign -------------------------------------------------------------------


def test_five_pages_in_a_row_without_the_frame_are_a_redesign() -> None:
    old = [page(n) for n in range(1, 9)]
    new = [page(n, frame=range(20, 30)) for n in range(11, 16)]

    template = learned([*old, *new])

    assert template.generation == 2
    assert [one.link for one in template.pages] == [11, 12, 13, 14, 15]
    assert 0 not in template.blocks
    assert template.blocks[20].df == 5


def test_two_layouts_in_turn_are_no_redesign() -> None:
    pages = [page(n, frame=FRAME if n % 2 else range(20, 30)) for n in range(1, 21)]

    assert not is_redesigned(pages)
    assert learned(pages).generation == 1


def test_a_young_site_is_not_redesigned() -> None:
    new = [page(n, frame=range(20, 30)) for n in range(11, 16)]

    assert not is_redesigned([page(1), page(2), page(3), *new])


# ---- cleaning again -------------------------------------------------------------


def test_pages_read_alone_are_cleaned_once_they_have_company() -> None:
    pages = [page(n, text=[n * 100, n * 100 + 1, 7]) for n in range(1, 5)]

    again = to_clean_again(learned(pages))

    assert [one.link for one in again] == [1, 2, 3, 4]
    assert {(one.others, one.neighbours) for one in again} == {(3, 3)}


def test_pages_whose_text_no_other_page_has_are_not_read_again() -> None:
    assert to_clean_again(learned(page(n) for n in range(1, 6))) == []


def test_pages_read_with_company_are_not_read_again() -> None:
    pages = [
        page(n, text=[n * 100, n * 100 + 1, 7], others=4, neighbours=3)
        for n in range(1, 6)
    ]

    assert to_clean_again(learned(pages)) == []


def test_company_of_other_days_counts_only_while_little_is_known() -> None:
    def of_day(number: int, others: int) -> CountedPage:
        text = [number * 100, number * 100 + 1, 7]
        return page(number, text=text, at=NOON + number * DAY, others=others)

    assert len(to_clean_again(learned(of_day(n, 0) for n in range(1, 6)))) == 5
    assert to_clean_again(learned(of_day(n, 4) for n in range(1, 6))) == []


def test_neighbours_are_other_pages_of_the_same_day() -> None:
    pages = [page(1), page(2), page(3, at=NOON - DAY)]

    assert neighbours_of(pages[0], pages) == 1
