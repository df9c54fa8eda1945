"""Articles and their versions.

A version is kept when the words of the story changed. What is only cosmetic
(punctuation, case, blanks) makes none: it would bury the changes that matter,
and its bytes are in the archive all the same. A truncated story, such as a
paywall's stub, is kept as a version once, but the article and its index stay
with the whole story, and the same stub again makes no further version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, union
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.changes import leaves_out, story_sha256
from storage.documents import article_document, read_document, storable
from storage.model.article import Article
from storage.model.change import Change
from storage.sql.moves import hand_over, is_of_before
from storage.sql.standing import (
    Known,
    change_after,
    describe,
    judged_again,
    known_versions,
    make_findable,
    stand_article,
)
from storage.sql.summaries import newest_whole
from storage.sql.tables import (
    GONE,
    PRESENT,
    ArticleRow,
    LinkRow,
    PartRow,
    VersionRow,
    table_of,
)

_ARTICLES, _LINKS = table_of(ArticleRow), table_of(LinkRow)
#: Not one condition with OR: PostgreSQL would read all articles for the last.
_STANDING_UNDER = union(
    sql_select(_ARTICLES.c.id).where(_ARTICLES.c.key == bindparam("own_key")),
    sql_select(_ARTICLES.c.id).where(_ARTICLES.c.link_id == bindparam("own_link")),
    sql_select(_ARTICLES.c.id)
    .join(_LINKS, _LINKS.c.alias_of == _ARTICLES.c.link_id)
    .where(
        or_(_LINKS.c.key == bindparam("own_key"), _LINKS.c.id == bindparam("own_link"))
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of an article that was given to keep.

    Attributes:
        article_id: The article it belongs to.
        number: The version that holds the story, new or old.
        change: How it differs from the version before.
        alias_of: The other link that has this article; nothing was changed, unless
            the article stood under the given one when it was captured.
        is_new: Whether the version was made now.
        is_back: Whether the article was gone till now.
    """

    article_id: int
    number: int
    change: Change
    alias_of: int | None = None
    is_new: bool = False
    is_back: bool = False

    @property
    def owner(self) -> bool:
        """Whether the article is of the link that was given."""
        return self.alias_of is None


def keep_version(  # noqa: PLR0913 -- one capture's worth of facts, all by name
    session: Session,
    *,
    link_id: int,
    source_id: int | None,
    key: str,
    capture_id: int | None,
    captured_at: datetime,
    article: Article,
    extractor: str,
    parts: Sequence[int] = (),
    goes_on: int | None = None,
) -> Kept:
    """Keep an article as a new version if its story changed.

    A capture older than the newest version is kept in its place in time and
    does not move the article. One that a version was already made of is read
    anew: that version is replaced, its change decided again, and the answer is
    SAME. Read anew in the order of their captures, so that each is compared with
    what the same extractor made of the one before. `parts` are the captures of
    the pages after the first, of an article that was joined from several. `goes_on`
    is the article of another link that goes on under this one from now on: that it
    moved makes a version, be there no other change.
    """
    kept = _keep(
        session,
        link_id=link_id,
        source_id=source_id,
        key=key,
        capture_id=capture_id,
        captured_at=captured_at,
        article=storable(article),
        extractor=extractor,
        goes_on=goes_on,
    )
    _keep_parts(session, kept, capture_id, parts)
    return kept


def _keep(  # noqa: PLR0913 -- as keep_version
    session: Session,
    *,
    link_id: int,
    source_id: int | None,
    key: str,
    capture_id: int | None,
    captured_at: datetime,
    article: Article,
    extractor: str,
    goes_on: int | None,
) -> Kept:
    if goes_on is not None:
        _take_over(session, goes_on, link_id)
    own = _standing_under(session, key, link_id)
    reading = VersionRow(
        article_id=0,
        number=1,
        capture_id=capture_id,
        captured_at=captured_at,
        change=Change.FIRST,
        title=article.title,
        text=article.text,
        story_sha256=story_sha256(article),
        extractor=extractor,
        document=article_document(article),
    )
    if own is not None:
        own = _numbering(session, own)
    if own is not None and own.link_id != link_id:
        return _keep_for_another(session, own, link_id, reading, article)
    if own is None:
        row = ArticleRow(
            link_id=link_id,
            source_id=source_id,
            key=key,
            url=article.url,
            title=article.title,
            authors=[],
            first_seen=captured_at,
            last_seen=captured_at,
        )
        describe(row, article)
        session.add(row)
        session.flush()
        return _add_first(session, row, reading, article)
    own.key = key
    was_gone = own.state == GONE
    kept = _keep_later(session, own, reading, article)
    if goes_on == own.id:
        kept = _keep_moved(session, own, kept, reading)
    return replace(kept, is_back=was_gone and own.state == PRESENT)


def _take_over(session: Session, article_id: int, link_id: int) -> None:
    """Hand an article over to a link, unless another process did that meanwhile."""
    row = session.get_one(ArticleRow, article_id)
    before = row.link_id
    if _numbering(session, row).link_id == before:
        hand_over(session, row, link_id)


def _keep_for_another(
    session: Session,
    owner: ArticleRow,
    link_id: int,
    reading: VersionRow,
    article: Article,
) -> Kept:
    """Keep what another link's article was, if it stood under this link then."""
    kept = _kept(owner, owner.versions, Change.SAME)
    if is_of_before(session, owner, link_id, reading.captured_at):
        kept = _keep_later(session, owner, reading, article)
    return replace(kept, alias_of=owner.link_id)


def _keep_moved(
    session: Session, row: ArticleRow, kept: Kept, reading: VersionRow
) -> Kept:
    """Keep the same story as a version where its address is another; a stub is none."""
    if kept.is_new:
        return kept
    at = select(VersionRow).where(
        VersionRow.article_id == row.id, VersionRow.number == kept.number
    )
    before = session.exec(at).one()
    is_stub = before.change == Change.TRUNCATED
    if is_stub or before.document["url"] == reading.document["url"]:
        return kept
    last = select(func.max(VersionRow.number)).where(VersionRow.article_id == row.id)
    reading.change, reading.number = Change.MOVED, (session.exec(last).one() or 0) + 1
    return _add(session, row, reading)


def standing_elsewhere(session: Session, key: str, link_id: int) -> ArticleRow | None:
    """Return the article of another link as which a link's page would be kept, if any."""
    row = _standing_under(session, key, link_id)
    return row if row is not None and row.link_id != link_id else None


def clean_version(
    session: Session, capture_id: int, article: Article, extractor: str
) -> bool:
    """Replace a version by a cleaner reading of the capture it was made of.

    Only where nothing but boilerplate left it: the story is the same, so it stays
    the same version, and its change is what it was.

    Returns:
        Whether there was such a version and it was replaced.
    """
    article = storable(article)
    of_capture = select(VersionRow).where(VersionRow.capture_id == capture_id)
    old = session.exec(of_capture).first()
    if old is None or not leaves_out(read_document(old.document), article):
        return False
    old.text, old.story_sha256 = article.text, story_sha256(article)
    old.title, old.extractor = article.title, extractor
    old.document = article_document(article)
    session.flush()
    stand_article(session, session.get_one(ArticleRow, old.article_id))
    return True


def dirty_capture(session: Session, article_id: int, article: Article) -> int | None:
    """Return the capture of the standing version if a new reading is cleaner than it.

    Args:
        session: Of one transaction.
        article_id: The article.
        article: What a later capture was read as, with the same story.
    """
    own = sql_select(col(VersionRow.id)).where(col(VersionRow.article_id) == article_id)
    at = session.execute(newest_whole(own)).scalar_one()
    standing = session.get_one(VersionRow, at)
    cleaner = leaves_out(read_document(standing.document), storable(article))
    return standing.capture_id if cleaner else None


def _keep_parts(
    session: Session, kept: Kept, capture_id: int | None, parts: Sequence[int]
) -> None:
    """Note the captures of a version's further pages, where it is this capture's."""
    if kept.is_new and not parts:
        return
    of_capture = select(VersionRow.id).where(
        VersionRow.article_id == kept.article_id,
        VersionRow.number == kept.number,
        VersionRow.capture_id == capture_id,
    )
    version_id = session.exec(of_capture).first() if capture_id is not None else None
    if version_id is None:
        return
    session.exec(delete(PartRow).where(col(PartRow.version_id) == version_id))
    session.add_all(
        PartRow(version_id=version_id, number=number, capture_id=part)
        for number, part in enumerate(parts, 2)
    )
    session.flush()


def mark_gone(session: Session, link_id: int, now: datetime) -> bool:
    """Note that an article's page is gone; its versions stay.

    No version is made of it: there is no story to keep. Being kept again later
    makes the article present.

    Returns:
        Whether there was an article that was present till now.
    """
    row = _by_link(session, link_id)
    if row is None or row.state == GONE:
        return False
    row.state = GONE
    row.gone_at = now
    session.flush()
    return True


def mark_back(session: Session, link_id: int) -> bool:
    """Note that an article's page is there again, as it was.

    Returns:
        Whether there was an article that was gone till now.
    """
    row = _by_link(session, link_id)
    if row is None or row.state != GONE:
        return False
    row.state, row.gone_at = PRESENT, None
    session.flush()
    return True


def _keep_later(
    session: Session, row: ArticleRow, reading: VersionRow, article: Article
) -> Kept:
    known = known_versions(session, row)
    _see(row, reading.captured_at)
    for place, old in enumerate(known):
        if old.capture_id is not None and old.capture_id == reading.capture_id:
            earlier = known[:place]
            reading.change = judged_again(session, earlier, article, old.change)
            return _read_anew(session, row, old, reading)
    earlier = [old for old in known if old.captured_at <= reading.captured_at]
    change = change_after(session, earlier, article)
    holder = _holder(earlier, change, reading.story_sha256)
    if holder is None and len(earlier) < len(known):
        after = known[len(earlier)]  # read before this older capture
        holder = after if after.story_sha256 == reading.story_sha256 else None
        change = Change.SAME if holder is not None else change
    if holder is not None:
        session.flush()
        return _kept(row, holder.number, change)
    reading.change = change
    reading.number = max(old.number for old in known) + 1
    return _add(session, row, reading)


def _numbering(session: Session, own: ArticleRow) -> ArticleRow:
    """Return an article that nobody else numbers versions of till this transaction ends.

    No index could refuse a number twice: versions are partitioned by their ids. On
    SQLite one transaction at a time writes anyway.
    """
    if session.get_bind().dialect.name == "sqlite":
        return own
    session.flush()
    alone: dict[str, Any] = {"with_for_update": {"key_share": True}}
    return session.get_one(ArticleRow, own.id, populate_existing=True, **alone)


def _see(row: ArticleRow, at: datetime) -> None:
    row.first_seen = min(row.first_seen, at)
    if row.gone_at is None or at >= row.gone_at:
        row.state, row.gone_at = PRESENT, None
    row.last_seen = max(row.last_seen, at)


def _holder(earlier: Sequence[Known], change: Change, story: str) -> Known | None:
    """Return the version that holds the story already, if a new one is not due."""
    if change in {Change.SAME, Change.COSMETIC}:
        return earlier[-1]
    if change is not Change.TRUNCATED:
        return None
    stubs = (old for old in earlier if old.change == Change.TRUNCATED)
    return next((old for old in stubs if old.story_sha256 == story), None)


def _read_anew(
    session: Session, row: ArticleRow, old: Known, reading: VersionRow
) -> Kept:
    kept = session.get_one(VersionRow, old.id)
    kept.title, kept.text, kept.change = reading.title, reading.text, reading.change
    kept.story_sha256, kept.extractor = reading.story_sha256, reading.extractor
    kept.document = reading.document
    session.flush()
    stand_article(session, row)
    return _kept(row, old.number, Change.SAME)


def _add_first(
    session: Session, row: ArticleRow, reading: VersionRow, article: Article
) -> Kept:
    reading.article_id = _id(row)
    session.add(reading)
    make_findable(session, _id(row), article, is_new=True)
    session.flush()
    return replace(_kept(row, 1, Change.FIRST), is_new=True)


def _add(session: Session, row: ArticleRow, reading: VersionRow) -> Kept:
    reading.article_id = _id(row)
    row.versions = reading.number
    session.add(reading)
    session.flush()
    if reading.change != Change.TRUNCATED:
        stand_article(session, row)
    kept = _kept(row, reading.number, Change(reading.change))
    return replace(kept, is_new=True)


def _standing_under(session: Session, key: str, link_id: int) -> ArticleRow | None:
    """Return the article of an identity, else of a link.

    Else it is the one to which that link leads, or the identity's own.
    """
    asked = {"own_key": key, "own_link": link_id}
    ids = session.connection().execute(_STANDING_UNDER, asked).scalars().all()
    found = [session.get_one(ArticleRow, one) for one in ids]
    by_key = next((row for row in found if row.key == key), None)
    by_link = next((row for row in found if row.link_id == link_id), None)
    return by_key or by_link or next(iter(found), None)


def _by_link(session: Session, link_id: int) -> ArticleRow | None:
    known = select(ArticleRow).where(ArticleRow.link_id == link_id)
    return session.exec(known).first()


def _id(row: ArticleRow) -> int:
    return row.id or 0


def _kept(row: ArticleRow, number: int, change: Change) -> Kept:
    return Kept(article_id=_id(row), number=number, change=change)
