"""A WARC file with a record of every kind that is written; the same bytes each time."""

from dataclasses import replace
from datetime import timedelta

from storage.model.exchange import Exchange, Rendering, Truncated
from storage.notes.record import Note, note_member
from storage.warc.capture import capture_records, conversion_record, revisit_records
from storage.warc.record import read_member, warcinfo_record
from storage.warc.tombstone import Epitaph, tombstone
from tests.storage.kept import NOW, exchange

NAME = "kinds.warc.gz"
_LATER = timedelta(hours=1)


def every_kind() -> list[bytes]:
    """Return the members of the file."""
    page = replace(
        exchange(1, url="https://www.Kabar.example/Berita/?b=2&a=1"),
        interim=b"HTTP/1.1 103 Early Hints\r\n\r\n",
        excess=b"more",
    )
    first = capture_records(page, "kabar.example/berita")
    again = revisit_records(
        replace(page, started_at=NOW + _LATER), read_member(first.response)
    )
    head = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    unchanged = exchange(1, status=304, response=head, body=b"", started_at=NOW)
    same = revisit_records(unchanged, read_member(first.response))
    assert again
    assert same
    rendering = Rendering(
        url=page.url,
        started_at=NOW + _LATER,
        elapsed=_LATER,
        document=b"<p>rendered",
    )
    epitaph = Epitaph(erased_at=NOW, ground="legal", key_sha256="0" * 64)
    others = (
        exchange(2, truncated=Truncated.LENGTH),
        exchange(3, status=0, response=b"220 ftp ready\r\n", headers=()),
        exchange(4, protocol="h2", url="http://127.0.0.1:8000/%7Ea/../b"),
        _answer(5, b"HTTP/1.1 200 OK\nContent-type: text/plain; a=b\n\nbare feeds"),
        _answer(6, b"HTTP/1.0 404\r\nServer: x\r\n\r\n"),
        _answer(7, b"HTTP/1.1 200 Fine\r\ncontent-type:\r\n text/html\r\n\r\nx"),
        _answer(8, "HTTP/1.1 200 Ü\r\nContent-Type: é\r\n\r\n".encode("latin-1")),
        _answer(9, b"HTTP/1.1 200 OK\r\nContent-Type: \r\nContent-Type: a\r\n\r\n"),
    )
    return [
        warcinfo_record(NAME, "kliping/test", "tests", made_at=NOW),
        *(first.request, first.response, *first.strays),
        *(again.request, again.response, same.request, same.response),
        conversion_record(rendering, page).member,
        note_member(Note(about="kabar.example/berita", members={"link": {}}), NOW),
        *(capture_records(other).response for other in others),
        *(tombstone(epitaph, "x", length) for length in (200, 240, 400)),
        capture_records(exchange(10)).response,
    ]


def _answer(number: int, response: bytes) -> Exchange:
    return exchange(number, response=response, body=b"", headers=())
