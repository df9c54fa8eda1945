"""Which articles are copies of which: fingerprints, and clusters around their first.

Every function takes the session of one transaction and does not commit. A cluster is what
is like the article that it was begun with, its anchor; what is only like a copy of a copy
does not belong to it, so no chain of small changes joins different stories. Copies are
linked and never left out of anything.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text, tuple_, update
from sqlmodel import Session, col

from storage.neardup import ALGORITHM, BANDS, bands, fingerprint, is_copy
from storage.sql.shown import is_shown
from storage.sql.summaries import (
    ArticleSummary,
    standing_of,
    standing_version,
    summaries,
    summary_of,
)
from storage.sql.tables import (
    ArticleRow,
    BandRow,
    FingerprintRow,
    VersionRow,
    table_of,
)

#: Of one band only so many of the newest articles are looked at: what thousands
#: share is a template's text, and says nothing.
MOST_OF_A_BAND = 64
#: So many candidates are compared, those with most bands in common.
MOST_COMPARED = 32


_ADD = insert(table_of(FingerprintRow))
_ADD_BANDS = insert(table_of(BandRow))
#: Written out: to have it put together anew costs more than to ask it.
_OF_A_BAND = (
    "SELECT article_id FROM (SELECT article_id FROM fingerprint_band"
    " WHERE hash = :hash{n} AND article_id <> :own"
    " ORDER BY article_id DESC LIMIT {most}) AS band{n}"
)
_RANKED = (
    "SELECT article_id, count(*) AS common FROM ({bands}) AS shared"
    " GROUP BY article_id ORDER BY common DESC, article_id LIMIT {most}"
)
_SHARING = text(
    _RANKED.format(
        bands=" UNION ALL ".join(
            _OF_A_BAND.format(n=n, most=MOST_OF_A_BAND) for n in range(BANDS)
        ),
        most=MOST_COMPARED,
    )
)


def place_among_copies(
    session: Session, article_id: int, story: str, *, is_new: bool = False
) -> None:
    """Note an article's standing text, and whose copy it is.

    `is_new` says that no text of it was noted yet.
    """
    signature = fingerprint(story)
    hashes = bands(signature) if signature is not None else ()
    row = None if is_new else session.get(FingerprintRow, article_id)
    if row is None:
        _place(session, article_id, signature, hashes)
    elif (row.algorithm, row.signature) != (ALGORITHM, signature):
        _leave(session, row, signature)
        row.algorithm, row.signature = ALGORITHM, signature
        if signature is not None and row.anchor_id is None:
            row.anchor_id = _anchor(session, article_id, signature, hashes)
        session.flush()
    else:
        return
    if hashes:
        own = [{"hash": one, "article_id": article_id} for one in hashes]
        session.connection().execute(_ADD_BANDS, own)


def _place(
    session: Session, article_id: int, signature: bytes | None, hashes: Sequence[int]
) -> None:
    row = {
        "article_id": article_id,
        "algorithm": ALGORITHM,
        "signature": signature,
        "anchor_id": _anchor(session, article_id, signature, hashes)
        if signature is not None
        else None,
    }
    session.flush()
    session.connection().execute(_ADD, row)


def forget_copies(session: Session, article_id: int) -> None:
    """Remove all that tells an article's text from others; its copies stay together."""
    row = session.get(FingerprintRow, article_id)
    if row is not None:
        _leave(session, row, None)
        session.delete(row)
        session.flush()


def copies_of(session: Session, article_id: int) -> list[tuple[ArticleSummary, int]]:
    """Return the articles of an article's cluster, the first seen first, and their anchor.

    Empty for one that has no copies. What was taken down is not shown.
    """
    row = session.get(FingerprintRow, article_id)
    if row is None or row.anchor_id is None:
        return []
    found = session.execute(
        summaries()
        .join(FingerprintRow, col(FingerprintRow.article_id) == ArticleRow.id)
        .where(
            col(FingerprintRow.anchor_id) == row.anchor_id,
            is_shown(col(ArticleRow.link_id)),
        )
        .order_by(col(ArticleRow.first_seen), col(ArticleRow.id))
    )
    members = [
        (summary_of(article, source), row.anchor_id) for article, source in found
    ]
    return members if len(members) > 1 else []


def unplaced(session: Session, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Return articles whose text was not noted yet, or by another algorithm, with it.

    Args:
        session: To read.
        after: Only articles of larger ids, in their order.
        limit: At most so many.
    """
    current = col(FingerprintRow.algorithm) == ALGORITHM
    some = (
        select(col(ArticleRow.id))
        .outerjoin(
            FingerprintRow, (col(FingerprintRow.article_id) == ArticleRow.id) & current
        )
        .where(col(FingerprintRow.article_id).is_(None), col(ArticleRow.id) > after)
        .where(standing_version().is_not(None))
        .order_by(col(ArticleRow.id))
        .limit(limit)
    )
    at = standing_of(select(some.subquery().c.id))
    query = (
        select(at.c.article_id, col(VersionRow.text))
        .join(VersionRow, col(VersionRow.id) == at.c.version_id)
        .order_by(at.c.article_id)
    )
    return [(article, story) for article, story in session.execute(query)]


def _anchor(
    session: Session, article_id: int, signature: bytes, hashes: Sequence[int]
) -> int | None:
    """Return the article that a text is a copy of, and make it an anchor if it was none."""
    for candidate in _candidates(session, article_id, hashes):
        first = candidate.anchor_id or candidate.article_id
        anchor = (
            candidate
            if first == candidate.article_id
            else session.get(FingerprintRow, first)
        )
        if (
            anchor is None
            or anchor.signature is None
            or anchor.algorithm != ALGORITHM
            or not is_copy(anchor.signature, signature)
        ):
            continue
        anchor.anchor_id = first
        return first
    return None


def _candidates(
    session: Session, article_id: int, hashes: Sequence[int]
) -> Sequence[FingerprintRow]:
    """Return the articles that share bands with a text, those with most first."""
    asked = {f"hash{n}": one for n, one in enumerate(hashes)}
    found = session.connection().execute(_SHARING, asked | {"own": article_id}).all()
    if not found:
        return ()
    common = {one.article_id: one.common for one in found}
    rows = session.scalars(
        select(FingerprintRow).where(col(FingerprintRow.article_id).in_(common))
    )
    return sorted(rows, key=lambda row: (-common[row.article_id], row.article_id))


def _leave(session: Session, row: FingerprintRow, signature: bytes | None) -> None:
    """Take an article's bands away, and it from its cluster if it is a copy no more."""
    if row.signature is None:
        return
    own = [(one, row.article_id) for one in bands(row.signature)]
    session.execute(
        delete(BandRow).where(
            tuple_(col(BandRow.hash), col(BandRow.article_id)).in_(own)
        )
    )
    if row.anchor_id is None:
        return
    anchor = session.get(FingerprintRow, row.anchor_id)
    like = row.signature if anchor is None else anchor.signature
    if signature is not None and like is not None and is_copy(like, signature):
        return
    if row.anchor_id == row.article_id:
        _pass_on(session, row.article_id)
    row.anchor_id = None
    session.flush()


def _pass_on(session: Session, anchor_id: int) -> None:
    """Give a cluster to its earliest other article, which stays alone if it is the last."""
    others = (
        select(col(FingerprintRow.article_id))
        .join(ArticleRow, col(ArticleRow.id) == FingerprintRow.article_id)
        .where(
            col(FingerprintRow.anchor_id) == anchor_id,
            col(FingerprintRow.article_id) != anchor_id,
        )
        .order_by(col(ArticleRow.first_seen), col(ArticleRow.id))
        .limit(2)
    )
    left = session.scalars(others).all()
    heir = left[0] if len(left) > 1 else None
    session.execute(
        update(FingerprintRow)
        .where(
            col(FingerprintRow.anchor_id) == anchor_id,
            col(FingerprintRow.article_id) != anchor_id,
        )
        .values(anchor_id=heir)
        .execution_options(synchronize_session="fetch")
    )
