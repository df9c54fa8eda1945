"""Which records are a capture's, so that they go with it when it is erased."""

from sqlmodel import Session

from storage.notes.record import Note, note_member
from storage.sql.tables import CaptureRow
from storage.takedown.graves import places_of
from storage.warc.capture import capture_records
from storage.writer import Tx
from tests.storage.kept import NOW, Kept, capture_row, exchange


def test_what_came_with_an_answer_goes_with_it_without_rows_of_its_own(
    archive: Kept,
) -> None:
    """An older Kliping entered none. A note that follows is of its link, not of it."""
    seen = exchange(1, interim=b"HTTP/1.1 103 Early Hints\r\n\r\n", excess=b"the story")
    records = capture_records(seen)
    note = note_member(Note(about="link", members={}, refers_to=records.record_id), NOW)

    def keep(tx: Tx) -> tuple[int, list[tuple[int, int]]]:
        made = [records.request, records.response, *records.strays, note]
        request, response, *others = tx.append(
            [*made, capture_records(exchange(2)).response]
        )
        row = capture_row(
            seen,
            records,
            segment=response.segment,
            offset=response.offset,
            length=response.length,
            request_offset=request.offset,
            request_length=request.length,
        )
        tx.session.add(row)
        tx.session.flush()
        places = [(one.offset, one.length) for one in (request, response, *others)]
        return row.id or 0, places

    with archive.writer() as writer:
        number, (request, response, interim, excess, *_) = writer.submit(keep).result()
    with Session(archive.engine) as session:
        row = session.get_one(CaptureRow, number)
        found = [(one.offset, one.length) for one in places_of(archive.folder, row)]

    assert found == [response, request, interim, excess]
