import json

from storage.model.exchange import Certificate, Truncated
from storage.warc.capture import capture_records
from storage.warc.record import read_member
from tests.storage.kept import exchange


def test_what_came_around_a_response_has_records_of_its_own() -> None:
    records = capture_records(
        exchange(interim=b"HTTP/1.1 100 Continue\r\n\r\n", excess=b"planted")
    )

    response = read_member(records.response)
    interim, excess = (read_member(member) for member in records.strays)
    assert interim.block == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert excess.block == b"planted"
    assert interim.kind == excess.kind == "metadata"
    assert excess.header("WARC-Target-URI") == (
        "urn:kliping:excess:https://kabar.example/berita/0"
    )
    for stray in (interim, excess):
        assert stray.header("WARC-Refers-To") == response.header("WARC-Record-ID")


def test_a_plain_exchange_has_two_records() -> None:
    assert capture_records(exchange()).strays == ()


def test_what_is_no_http_response_is_not_called_one() -> None:
    seen = exchange(
        response=b"SSH-2.0-OpenSSH_9\r\n", status=0, truncated=Truncated.DISCONNECT
    )

    record = read_member(capture_records(seen).response)

    assert record.kind == "metadata"
    assert (record.header("WARC-Target-URI") or "").startswith("urn:kliping:answer:")
    assert record.block == b"SSH-2.0-OpenSSH_9\r\n"
    assert record.header("WARC-Truncated") == "disconnect"


def test_the_certificate_is_named_where_web_archives_look_for_it() -> None:
    certificate = Certificate(sha256="ab12", issuer="Let's Encrypt, R3")

    record = read_member(capture_records(exchange(certificate=certificate)).response)

    stated = json.loads(record.header("WARC-JSON-Metadata") or "")
    assert stated["cert"] == {"sha256": "ab12", "issuer": "Let's Encrypt, R3"}


def test_a_payload_has_no_digest_where_readers_differ_on_its_place() -> None:
    seen = exchange(response=b"HTTP/1.1 200 OK\nX: y\n\nbody")

    record = read_member(capture_records(seen).response)

    assert record.header("WARC-Payload-Digest") is None
    assert record.payload == b"body"
