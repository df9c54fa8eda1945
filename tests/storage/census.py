"""The database's own counts, and what counting gives."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.sql.tables import ArticleRow, CaptureRow, CensusRow, LinkRow, VersionRow

Counts = dict[tuple[str, int, str, str], int]


def said(session: Session) -> Counts:
    rows = session.execute(select(CensusRow).where(col(CensusRow.number) != 0))
    return {
        (row.what, row.source_id, row.state, row.kind): row.number
        for row in rows.scalars()
    }


def counted(session: Session) -> Counts:
    link = func.coalesce(LinkRow.source_id, 0), LinkRow.state, LinkRow.kind
    its = func.coalesce(ArticleRow.source_id, 0), ArticleRow.state
    story = *its, func.coalesce(ArticleRow.language, "")
    found: Counts = {}
    for what, by in {"link": link, "article": story}.items():
        rows = session.execute(select(*by, func.count()).group_by(*by))
        found |= {(what, *key): number for *key, number in rows}
    for table in (CaptureRow, VersionRow):
        number = session.execute(select(func.count()).select_from(table)).scalar_one()
        found |= {(str(table.__tablename__), 0, "", ""): number} if number else {}
    return found
