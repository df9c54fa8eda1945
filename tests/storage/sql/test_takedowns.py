"""Takedowns as rows: what they reach, withhold, bar, and give back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage.errors import VisitLost, WrongTakedown
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.takedown import Depth
from storage.sql.articles import Kept, list_articles
from storage.sql.bars import barred
from storage.sql.ledger import add_links, find_link, settle
from storage.sql.search import search
from storage.sql.selection import Wanted as Selected
from storage.sql.selection import wanted_ids
from storage.sql.shown import is_shown, withheld
from storage.sql.tables import CaptureRow, HostRow, LinkRow
from storage.sql.takedowns import (
    Reach,
    Wanted,
    catch,
    keys_below,
    lift,
    list_takedowns,
    reach,
    take_down,
    takedown_of,
)
from storage.sql.visits import hold, open_visit
from tests.storage.material import NOON, add_capture, article

Add = Callable[..., int]
Keep = Callable[..., Kept]
LATER = NOON + timedelta(hours=1)
KEY = "https://news.example/pier"


@pytest.fixture
def pier(session: Session, add_link: Add, keep: Keep) -> int:
    """The link of an archived article that is found as `pier`."""
    link = add_link("pier", state=LinkState.ARCHIVED, reason="article", next_run=LATER)
    capture = add_capture(session, link_id=link, url=KEY)
    keep(article("Pier", "The pier opens."), link_id=link, key=KEY, capture_id=capture)
    return link


def down(session: Session, depth: Depth, *keys: str, name: str = "one") -> Reach:
    reached = reach(session, keys or (KEY,))
    take_down(session, name, Wanted(depth=depth), reached, NOON)
    return reached


@pytest.mark.usefixtures("pier")
@pytest.mark.parametrize("depth", list(Depth))
def test_what_is_taken_down_is_in_no_list_and_no_search(
    session: Session, depth: Depth
) -> None:
    down(session, depth)

    assert list_articles(session) == []
    assert search(session, "pier") == []
    assert search(session, "pier -ferry") == []
    assert list(wanted_ids(session, Selected())) == []


def test_captures_of_it_are_not_shown_either(session: Session, pier: int) -> None:
    add_capture(session, url="https://news.example/robots.txt")
    down(session, Depth.HIDE)

    shown = select(CaptureRow.url).where(is_shown(CaptureRow.link_id))
    assert list(session.exec(shown)) == ["https://news.example/robots.txt"]
    assert withheld(session, pier) is Depth.HIDE


@pytest.mark.parametrize("given", ["mobile", "pier", "pier-2", "canonical"])
def test_a_takedown_reaches_all_addresses_and_pages(
    session: Session, add_link: Add, keep: Keep, given: str
) -> None:
    """Whichever of them is named."""
    owner = add_link("pier")
    other = add_link("mobile", state=LinkState.DUPLICATE, alias_of=owner)
    second = add_link("pier-2", state=LinkState.DUPLICATE, alias_of=owner)
    keep(
        article("Pier", "It opens."),
        link_id=owner,
        key="https://news.example/canonical",
        capture_id=add_capture(session, link_id=owner),
        parts=[add_capture(session, link_id=second)],
    )

    reached = reach(session, [f"https://news.example/{given}"])

    assert reached.links == (owner, other, second)
    assert reached.keys == ("https://news.example/canonical",)


def test_further_pages_are_reached_by_the_captures_of_versions(
    session: Session, add_link: Add, keep: Keep
) -> None:
    owner, second = add_link("pier"), add_link("pier-2", state=LinkState.DUPLICATE)
    capture, part = (add_capture(session, link_id=link) for link in (owner, second))
    keep(article("Pier", "A."), link_id=owner, capture_id=capture, parts=[part])

    assert reach(session, [KEY]).links == (owner, second)


def test_a_takedown_reaches_the_images_that_no_other_page_shows(
    session: Session, pier: int, add_link: Add
) -> None:
    image = add_link("pier.gif", kind=LinkKind.ASSET, found_on=pier)
    sheet = add_link("pier.css", kind=LinkKind.ASSET, found_on=pier)
    add_capture(session, link_id=sheet, content_type="text/css; charset=utf-8")
    add_link("paper.gif", kind=LinkKind.ASSET, found_on=sheet)
    add_link("logo.gif", kind=LinkKind.ASSET)
    add_link("quay", found_on=pier)

    assert set(reach(session, [KEY]).links) == {pier, image}


def test_an_image_is_taken_down_by_its_own_address(
    session: Session, add_link: Add
) -> None:
    logo = add_link("logo.gif", kind=LinkKind.ASSET)

    assert reach(session, ["https://news.example/logo.gif"]).links == (logo,)


def test_a_list_of_a_source_is_no_article(session: Session, add_link: Add) -> None:
    add_link("feed", kind=LinkKind.FEED)

    with pytest.raises(WrongTakedown, match="is a list"):
        reach(session, ["https://news.example/feed"])


def test_addresses_are_found_by_how_they_begin(session: Session, add_link: Add) -> None:
    for path in ("a_1/x", "a_1/y", "ab1/z"):
        add_link(path)
    add_link("a_1/feed", kind=LinkKind.FEED)

    found = keys_below(session, "https://news.example/a_1/")

    assert found == ["https://news.example/a_1/x", "https://news.example/a_1/y"]


@pytest.mark.parametrize("depth", [Depth.EXCLUDE, Depth.ERASE])
def test_what_is_excluded_is_not_entered_again_and_counted(
    session: Session, pier: int, depth: Depth
) -> None:
    down(session, depth, KEY, "https://news.example/never-seen")
    found = [
        NewLink(url=key, key=key, host="news.example", kind=LinkKind.ARTICLE)
        for key in (KEY, "https://news.example/never-seen", "https://news.example/x")
    ]

    added = add_links(session, found, source=None, found_on=None, now=LATER)

    assert added.new == 1
    assert find_link(session, "https://news.example/never-seen") is None
    assert session.get_one(LinkRow, pier).next_run is None
    assert [again for _, _, again in list_takedowns(session)] == [2]


def test_what_is_hidden_is_looked_at_as_before(session: Session, pier: int) -> None:
    down(session, Depth.HIDE)

    link = session.get_one(LinkRow, pier)
    assert (link.state, link.next_run) == (LinkState.ARCHIVED, LATER)
    assert barred(session, [KEY]) == frozenset()


def test_lifting_gives_back_what_was_withheld(session: Session, pier: int) -> None:
    down(session, Depth.EXCLUDE)
    lift(session, "one", LATER)

    link = session.get_one(LinkRow, pier)
    assert (link.state, link.withheld, link.next_run) == ("archived", None, LATER)
    assert [found.key for found in list_articles(session)] == [KEY]
    assert barred(session, [KEY]) == frozenset()


def test_what_two_takedowns_withhold_needs_both_lifted(
    session: Session, pier: int
) -> None:
    down(session, Depth.HIDE, name="a")
    down(session, Depth.EXCLUDE, name="b")
    down(session, Depth.EXCLUDE, name="c")

    states = []
    for name in "cba":
        lift(session, name, LATER)
        link = session.get_one(LinkRow, pier)
        states.append((link.withheld, link.state))

    assert states == [
        ("exclude", "excluded"),
        ("hide", "archived"),
        (None, "archived"),
    ]


@pytest.mark.usefixtures("pier")
def test_lifting_gives_back_what_stood_there_last(session: Session, pier: int) -> None:
    """It was taken down before, when it was not archived yet, and that was lifted."""
    link, keys = session.get_one(LinkRow, pier), reach(session, (KEY,))
    excluded = Wanted(depth=Depth.EXCLUDE)
    link.state = LinkState.WAITING
    take_down(session, "before", excluded, keys, NOON)
    lift(session, "before", NOON)
    link.state = LinkState.ARCHIVED
    take_down(session, "one", excluded, keys, LATER)
    take_down(session, "two", excluded, keys, LATER)

    lift(session, "one", LATER)
    lift(session, "two", LATER)

    assert link.state == LinkState.ARCHIVED


def test_what_was_erased_or_lifted_cannot_be_lifted(session: Session) -> None:
    down(session, Depth.ERASE)

    for name in ("one", "none"):
        with pytest.raises(WrongTakedown):
            lift(session, name, LATER)


def test_a_visit_under_way_keeps_nothing_of_what_is_excluded(
    session: Session, pier: int
) -> None:
    ticket = open_visit(session, "news.example", now=NOON, until=LATER, limit=5)
    assert ticket is not None

    down(session, Depth.EXCLUDE)

    with pytest.raises(VisitLost):
        hold(session, ticket, LATER)
    assert session.get_one(HostRow, "news.example").free_at > NOON
    settle(
        session,
        pier,
        Settlement(state=LinkState.ARCHIVED, reason="article", next_run=LATER),
    )
    assert session.get_one(LinkRow, pier).state == LinkState.EXCLUDED


@pytest.mark.usefixtures("pier")
def test_the_same_page_under_another_address_is_taken_down_too(
    session: Session, add_link: Add
) -> None:
    down(session, Depth.EXCLUDE)
    other = add_link("other")

    assert catch(session, other, KEY, LATER)
    assert not catch(session, other, "https://news.example/else", LATER)
    found = takedown_of(session, other)
    assert (found.name if found else "") == "one"
    assert session.get_one(LinkRow, other).state == LinkState.EXCLUDED


@pytest.mark.usefixtures("pier")
@pytest.mark.parametrize(
    "depths", [(Depth.ERASE, Depth.EXCLUDE), (Depth.EXCLUDE, Depth.ERASE)]
)
def test_the_deepest_takedown_of_a_page_is_that_of_its_other_address(
    session: Session, add_link: Add, depths: tuple[Depth, Depth]
) -> None:
    """What was erased is not kept, whatever was asked for later."""
    reached = reach(session, [KEY])
    for number, depth in enumerate(depths):
        at = NOON + timedelta(days=number)
        take_down(session, f"of {depth}", Wanted(depth=depth), reached, at)
    other = add_link("other")

    assert catch(session, other, KEY, LATER)
    assert session.get_one(LinkRow, other).state == LinkState.ERASED
