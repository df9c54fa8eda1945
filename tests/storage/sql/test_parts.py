"""The captures that a version was joined from."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.model.article import Article
from storage.sql.articles import Kept, parts_of, version
from storage.sql.captures import forget_validators, part_capture
from storage.sql.tables import CaptureRow, LinkRow, SegmentRow
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
AddLink = Callable[..., int]

STORY = article("Towpath", "It begins behind the mill.", "It ends at the sea.")


@pytest.fixture
def capture(session: Session) -> Callable[..., int]:
    session.add(SegmentRow(name="one.warc.gz", opened_at=NOON))
    session.flush()

    def add(link_id: int) -> int:
        row = CaptureRow(
            link_id=link_id,
            url="https://news.example/x",
            fetched_at=NOON,
            elapsed_ms=1,
            segment="one.warc.gz",
            offset=0,
            length=1,
            request_offset=0,
            request_length=1,
            record_sha256="",
            payload_sha256="",
            status=200,
        )
        session.add(row)
        session.flush()
        return int(row.id or 0)

    return add


def parts(session: Session, kept: Kept) -> list[int | None]:
    made = version(session, kept.article_id, kept.number)
    assert made is not None
    return [part.id for part in parts_of(session, made)]


def test_a_version_has_its_parts_in_order(
    session: Session, keep: Keep, add_link: AddLink, capture: Callable[..., int]
) -> None:
    link = add_link("towpath")
    first, second, third = (capture(link) for _ in range(3))

    kept = keep(STORY, link_id=link, capture_id=first, parts=[third, second])

    assert parts(session, kept) == [third, second]


def test_a_capture_read_anew_has_the_parts_of_the_new_reading(
    session: Session, keep: Keep, add_link: AddLink, capture: Callable[..., int]
) -> None:
    link = add_link("towpath")
    first, second, third = (capture(link) for _ in range(3))
    keep(STORY, link_id=link, capture_id=first, parts=[second, third])

    kept = keep(STORY, link_id=link, capture_id=first, parts=[second])

    assert parts(session, kept) == [second]


def test_a_story_that_is_the_same_leaves_the_version_its_parts(
    session: Session, keep: Keep, add_link: AddLink, capture: Callable[..., int]
) -> None:
    link = add_link("towpath")
    first, second, third, fourth = (capture(link) for _ in range(4))
    keep(STORY, link_id=link, capture_id=first, parts=[second])

    kept = keep(
        STORY,
        link_id=link,
        capture_id=third,
        captured_at=NOON + timedelta(hours=1),
        parts=[fourth],
    )

    assert parts(session, kept) == [second]


def test_an_article_of_another_link_gets_no_parts(
    session: Session, keep: Keep, add_link: AddLink, capture: Callable[..., int]
) -> None:
    link, other = add_link("towpath"), add_link("towpath?x")
    first, second = capture(link), capture(other)
    keep(STORY, link_id=link, capture_id=first, key="one")

    kept = keep(STORY, link_id=other, capture_id=second, key="one", parts=[second])

    assert not kept.owner
    assert parts(session, kept) == []


def test_a_part_is_the_one_fetched_with_its_first_page(
    session: Session, add_link: AddLink, capture: Callable[..., int]
) -> None:
    link, part = add_link("towpath"), add_link("towpath/2")
    key = "https://news.example/towpath/2"
    before = capture(part)
    first, with_first = capture(link), capture(part)
    second, with_second = capture(link), capture(part)

    found = [part_capture(session, key, one) for one in (first, second)]

    assert [row.id for row in found if row] == [with_first, with_second]
    assert before not in [row.id for row in found if row]
    assert part_capture(session, "https://news.example/none", first) is None


def test_a_link_forgets_its_validators(session: Session, add_link: AddLink) -> None:
    link = add_link("towpath", etag='"1"', last_modified="today")

    forget_validators(session, link)

    row = session.get_one(LinkRow, link)
    assert (row.etag, row.last_modified) == (None, None)


def test_an_article_keeps_its_new_fields_in_its_document(
    session: Session, keep: Keep
) -> None:
    told: Article = article("Towpath", "It begins.", parts=("https://a.test/1",))

    kept = keep(told)

    made = version(session, kept.article_id, None)
    assert made is not None
    assert made.document["parts"] == ["https://a.test/1"]
