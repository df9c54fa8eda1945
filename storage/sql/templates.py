"""Templates of sites as they are kept: counts by block, and the pages counted.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from struct import Struct
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.sql.tables import TemplateBlockRow, TemplatePageRow, TemplateRow
from storage.templates import (
    BlockCount,
    CountedPage,
    Manners,
    Template,
    is_lone,
    learn,
    neighbours_of,
    to_clean_again,
    with_lone,
)

_KEY = Struct(">q")
#: Values in one statement; SQLite takes 32,766.
_MANY = 500


def read_template(session: Session, site: str, language: str) -> Template:
    """Return what is known of a site; of an unknown one, nothing."""
    row = _row(session, site, language)
    if row is None:
        return Template()
    return _template(session, row)


def note_manners(session: Session, site: str, language: str, manners: Manners) -> None:
    """Keep how a known site writes its titles and dates."""
    row = _row(session, site, language)
    if row is not None and _manners(row) != manners:
        row.title_suffixes = list(manners.title_suffixes)
        row.title_prefixes = list(manners.title_prefixes)
        row.day_first = manners.day_first
        session.flush()


def _manners(row: TemplateRow) -> Manners:
    return Manners(
        title_suffixes=tuple(row.title_suffixes),
        title_prefixes=tuple(row.title_prefixes),
        day_first=row.day_first,
    )


def learn_pages(
    session: Session,
    site: str,
    language: str,
    *,
    pages: Sequence[CountedPage],
    samples: Mapping[int, str],
    now: datetime,
) -> tuple[Template, list[CountedPage]]:
    """Count pages in; return the template and the pages to be cleaned again.

    The pages are taken to be read with what was known before them; those to be
    cleaned again are noted as read with all that is known now, so that each is
    named once.
    """
    row = _row(session, site, language)
    if row is None:
        row = TemplateRow(site=site, language=language, learned_at=now)
        session.add(row)
        session.flush()
    known = _template(session, row)
    batch = [
        replace(
            page,
            others=sum(other.link != page.link for other in known.pages),
            neighbours=neighbours_of(page, known.pages),
        )
        for page in pages
    ]
    template = learn(known, batch, samples, now)
    again = to_clean_again(template)
    renewed = {page.link: page for page in again}
    ring = tuple(renewed.get(page.link, page) for page in template.pages)
    template = replace(template, pages=ring)
    row.pages, row.generation = len(ring), template.generation
    row.learned_at = now
    session.flush()
    _save_pages(session, _id(row), known.pages, ring)
    _save_blocks(session, _id(row), known.blocks, template.blocks)
    return template, again


def blocks_of(
    session: Session, site: str, language: str, limit: int
) -> list[TemplateBlockRow]:
    """Return the blocks that most of a site's pages have, for people to look at."""
    row = _row(session, site, language)
    if row is None:
        return []
    query = (
        select(TemplateBlockRow)
        .where(TemplateBlockRow.template_id == row.id, col(TemplateBlockRow.df) > 1)
        .order_by(col(TemplateBlockRow.df).desc(), col(TemplateBlockRow.sample))
        .limit(limit)
    )
    return list(session.exec(query))


def _row(session: Session, site: str, language: str) -> TemplateRow | None:
    query = select(TemplateRow).where(
        TemplateRow.site == site, TemplateRow.language == language
    )
    return session.exec(query).first()


def _template(session: Session, row: TemplateRow) -> Template:
    pages = tuple(_pages(session, _id(row)))
    return Template(
        pages=pages,
        blocks=with_lone(_blocks(session, _id(row)), pages),
        generation=row.generation,
        manners=_manners(row),
    )


def _pages(session: Session, template_id: int) -> Iterable[CountedPage]:
    rows = session.exec(
        select(TemplatePageRow)
        .where(TemplatePageRow.template_id == template_id)
        .order_by(col(TemplatePageRow.place))
    )
    for row in rows:
        yield CountedPage(
            link=row.link_id,
            capture=row.capture_id,
            seen_at=row.seen_at,
            keys=_unpacked(row.keys),
            kept=_unpacked(row.kept),
            others=row.others,
            neighbours=row.neighbours,
            title=row.title,
            dates=row.dates,
        )


def _blocks(session: Session, template_id: int) -> dict[int, BlockCount]:
    row = TemplateBlockRow
    columns: Any = (
        row.key,
        row.df,
        row.df_days,
        row.first_seen,
        row.last_seen,
        row.sample,
    )
    rows = session.execute(
        sql_select(*columns).where(col(row.template_id) == template_id)
    )
    return {
        key: BlockCount(
            df=df, days=days, first_seen=first, last_seen=last, sample=sample
        )
        for key, df, days, first, last, sample in rows
    }


def _save_pages(
    session: Session,
    template_id: int,
    old: Sequence[CountedPage],
    new: Sequence[CountedPage],
) -> None:
    """Write what changed; the pages that stay keep their order and so their places."""
    known = {page.link: page for page in old}
    changed = [page for page in new if known.get(page.link) != page]
    stale = known.keys() - {page.link for page in new}
    stale |= known.keys() & {page.link for page in changed}
    if not changed and not stale:
        return
    mine = col(TemplatePageRow.template_id) == template_id
    link = col(TemplatePageRow.link_id)
    places: dict[int, int] = dict(
        session.execute(sql_select(link, col(TemplatePageRow.place)).where(mine)).all()
    )
    session.execute(delete(TemplatePageRow).where(mine, link.in_(stale)))
    rows = [
        {
            "template_id": template_id,
            "link_id": page.link,
            "place": places.setdefault(page.link, max(places.values(), default=0) + 1),
            "capture_id": page.capture,
            "seen_at": page.seen_at,
            "keys": _packed(page.keys),
            "kept": _packed(page.kept),
            "others": page.others,
            "neighbours": page.neighbours,
            "title": page.title,
            "dates": page.dates,
        }
        for page in changed
    ]
    if rows:
        session.execute(insert(TemplatePageRow), rows)


def _save_blocks(
    session: Session,
    template_id: int,
    old: Mapping[int, BlockCount],
    new: Mapping[int, BlockCount],
) -> None:
    """Write what changed: a batch touches few of a site's blocks.

    Those of one page alone are not written (`storage.templates.with_lone`).
    """
    before = {key: count for key, count in old.items() if not is_lone(count)}
    after = {key: count for key, count in new.items() if not is_lone(count)}
    changed = [key for key, count in after.items() if before.get(key) != count]
    stale = [key for key, count in before.items() if after.get(key) != count]
    for start in range(0, len(stale), _MANY):
        session.execute(
            delete(TemplateBlockRow).where(
                col(TemplateBlockRow.template_id) == template_id,
                col(TemplateBlockRow.key).in_(stale[start : start + _MANY]),
            )
        )
    rows = [
        {
            "template_id": template_id,
            "key": key,
            "linked": bool(key & 1),
            "df": after[key].df,
            "df_days": after[key].days,
            "first_seen": after[key].first_seen,
            "last_seen": after[key].last_seen,
            "sample": after[key].sample,
        }
        for key in changed
    ]
    if rows:
        session.execute(insert(TemplateBlockRow), rows)


def _packed(keys: Iterable[int]) -> bytes:
    return b"".join(map(_KEY.pack, sorted(keys)))


def _unpacked(packed: bytes) -> frozenset[int]:
    return frozenset(key for (key,) in _KEY.iter_unpack(packed))


def _id(row: TemplateRow) -> int:
    return row.id or 0
