"""The WARC records of one exchange; pure.

The request, the response, and whatever else came over the wire each have a record
of their own, so that the bytes of every record are bytes that were sent.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import timedelta

from storage.model.exchange import Exchange, Rendering
from storage.warc.record import (
    Fields,
    ReadRecord,
    Record,
    make_record,
    record_id,
    warc_date,
)

#: Profiles of revisit records (WARC/1.1, section 6.7).
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

#: Says of an imported record where it is from, as JSON: file, record id and date.
ORIGIN = "WARC-Import-Origin"
RENDERED_TYPE = "text/html; charset=utf-8"
_HTTP_ANSWER = ("response", "application/http;msgtype=response")
_OTHER_ANSWER = ("metadata", "application/octet-stream")
_PACKED_TYPES = ("image/", "video/", "audio/", "font/woff", "application/pdf")
_URI_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")
_TLS_VERSION = re.compile(r"(?:TLSv|tls/)(\d)(?:\.(\d))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRecords:
    """The gzip members of one exchange, and what SQL keeps of them.

    Attributes:
        request: The request record's member; nothing where none is known.
        response: The response record's member, or the revisit's; what is no HTTP
            response is a metadata record, which readers do not take for one.
        strays: Members of what else came: interim responses before it, bytes
            behind it.
        payload_sha256: Hex, over the decoded body; equal stories have it equal.
        record_sha256: Hex, over `response` as it will stand in the file.
        request_sha256: Hex, over `request` so, if there is one.
        record_id: The response's.
        digest: The payload's, as `response` states it; None where it states none.
    """

    request: bytes
    response: bytes
    payload_sha256: str
    record_sha256: str
    request_sha256: str | None
    record_id: str
    digest: str | None = None
    strays: tuple[bytes, ...] = ()


def capture_records(
    exchange: Exchange, link: str | None = None, page: str | None = None
) -> CaptureRecords:
    """Return the request and response records of an exchange.

    `link` is the key of the link that was asked for, None where it is of none; `page`
    that of the page whose scripts asked for it, None where none did. The payload digest is over the body as stored, chunk framing included: warcio
    and FastWARC agree on that reading and fail any other.
    """
    seed = _fingerprint(exchange)
    kind, media = _HTTP_ANSWER if exchange.status else _OTHER_ANSWER
    answer = make_record(
        (
            *_capture_head(kind, seed, "response", "request", exchange),
            _known(exchange, link, page),
            *_truncation(exchange),
            ("Content-Type", media),
        ),
        exchange.response,
        is_packed=_is_packed(exchange),
    )
    return _with_request(exchange, seed, answer)


def revisit_records(
    exchange: Exchange,
    original: ReadRecord,
    link: str | None = None,
    page: str | None = None,
) -> CaptureRecords | None:
    """Return the records of an exchange that repeats what a record holds.

    The response becomes a revisit record: a 304 whole, another response without its
    payload, which is that of the original to the byte (a digest of the decoded body
    would not do: chunks and gzip stamps differ). None where it is not.
    """
    digest = original.header("WARC-Payload-Digest")
    payload = ReadRecord(headers=(), block=exchange.response).payload
    is_same = exchange.status != 304
    if digest is None or (is_same and payload != original.payload):
        return None
    seed = _fingerprint(exchange)
    block = exchange.response[: len(exchange.response) - len(payload)]
    answer = make_record(
        (
            *_capture_head("revisit", seed, "response", "request", exchange),
            _known(exchange, link, page),
            ("WARC-Profile", SAME_PAYLOAD if is_same else NOT_MODIFIED),
            ("WARC-Refers-To", original.record_id),
            ("WARC-Refers-To-Target-URI", original.header("WARC-Target-URI") or ""),
            ("WARC-Refers-To-Date", original.header("WARC-Date") or ""),
            *((("WARC-Truncated", "length"),) if is_same else ()),
            ("WARC-Payload-Digest", digest),
            ("Content-Type", _HTTP_ANSWER[1]),
        ),
        block,
    )
    return _with_request(exchange, seed, answer)


def _with_request(exchange: Exchange, seed: str, answer: Record) -> CaptureRecords:
    request = _request(exchange, seed)
    return CaptureRecords(
        request=request,
        response=answer.member,
        payload_sha256=hashlib.sha256(exchange.body).hexdigest(),
        record_sha256=hashlib.sha256(answer.member).hexdigest(),
        request_sha256=hashlib.sha256(request).hexdigest() if request else None,
        record_id=record_id(seed, "response"),
        digest=dict(answer.head).get("WARC-Payload-Digest"),
        strays=_strays(exchange, seed),
    )


def _request(exchange: Exchange, seed: str) -> bytes:
    if not exchange.request:
        return b""
    return make_record(
        (
            *_capture_head("request", seed, "request", "response", exchange),
            *_certificate(exchange),
            ("Content-Type", "application/http;msgtype=request"),
        ),
        exchange.request,
    ).member


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRecord:
    """The gzip member of a rendered document, its id, and its digests in hex."""

    member: bytes
    record_id: str
    payload_sha256: str
    record_sha256: str


def conversion_record(rendering: Rendering, page: Exchange) -> ConversionRecord:
    """Return the record of what a browser made of a page.

    It is a conversion (WARC/1.1, section 6.7): another version of what the page's
    response record holds, made when it was archived. As a resource it would stand
    in replay for what the server sent.

    Args:
        rendering: The document.
        page: The exchange it was made of, as it was kept.
    """
    seed = f"{_fingerprint(page)}:{warc_date(rendering.started_at)}"
    of = record_id(_fingerprint(page), "response")
    return conversion_named(rendering, record_id(seed, "conversion"), of)


def conversion_named(rendering: Rendering, name: str, of: str) -> ConversionRecord:
    """Return a conversion's record by its id and that of the page's response."""
    elapsed = round(rendering.elapsed / timedelta(milliseconds=1))
    record = make_record(
        (
            ("WARC-Type", "conversion"),
            ("WARC-Record-ID", name),
            ("WARC-Date", warc_date(rendering.started_at)),
            ("WARC-Target-URI", _target_uri(rendering.url)),
            ("WARC-Refers-To", of),
            *_origin(rendering),
            ("WARC-JSON-Metadata", json.dumps({"kliping": {"elapsed_ms": elapsed}})),
            ("Content-Type", RENDERED_TYPE),
        ),
        rendering.document,
    )
    return ConversionRecord(
        member=record.member,
        record_id=name,
        payload_sha256=hashlib.sha256(rendering.document).hexdigest(),
        record_sha256=hashlib.sha256(record.member).hexdigest(),
    )


def _fingerprint(exchange: Exchange) -> str:
    digest = hashlib.sha256()
    for part in (
        exchange.url.encode("utf-8", "replace"),
        warc_date(exchange.started_at).encode(),
        exchange.request,
        exchange.response,
    ):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _capture_head(
    kind: str, seed: str, own: str, other: str, exchange: Exchange
) -> list[tuple[str, str]]:
    """Return the headers of a record of a kind; `own` and `other` make the ids."""
    is_other = kind == _OTHER_ANSWER[0]
    target = _beside("answer", exchange.url) if is_other else _target_uri(exchange.url)
    head = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id(seed, own)),
        ("WARC-Date", warc_date(exchange.started_at)),
        ("WARC-Target-URI", target),
        *([("WARC-Concurrent-To", record_id(seed, other))] if exchange.request else []),
    ]
    if exchange.ip is not None:
        head.append(("WARC-IP-Address", exchange.ip))
    head.append(("WARC-Protocol", exchange.protocol))
    if exchange.tls is not None:
        version, cipher = exchange.tls
        head.append(("WARC-Protocol", _tls_protocol(version)))
        head.append(("WARC-Cipher-Suite", cipher))
    return [*head, *_origin(exchange)]


def _origin(kept: Exchange | Rendering) -> Fields:
    if kept.origin is None:
        return ()
    return ((ORIGIN, json.dumps(asdict(kept.origin))),)


def _certificate(exchange: Exchange) -> Fields:
    if exchange.certificate is None:
        return ()
    known = {"cert": asdict(exchange.certificate)}
    return (("WARC-JSON-Metadata", json.dumps(known)),)


def _known(exchange: Exchange, link: str | None, page: str | None) -> tuple[str, str]:
    """Return what is known of an exchange beside its bytes: whose it is."""
    cert = exchange.certificate
    known = {
        **({"cert": asdict(cert)} if cert is not None else {}),
        "kliping": {
            **({"link": link} if link is not None else {}),
            **({"page": page} if page is not None else {}),
            "elapsed_ms": round(exchange.elapsed / timedelta(milliseconds=1)),
        },
    }
    return ("WARC-JSON-Metadata", json.dumps(known))


def _strays(exchange: Exchange, seed: str) -> tuple[bytes, ...]:
    """Return records of what came with a response and is no part of it."""
    found = (
        ("interim", "message/http", exchange.interim),
        ("excess", "application/octet-stream", exchange.excess),
    )
    return tuple(
        make_record(
            (
                ("WARC-Type", "metadata"),
                ("WARC-Record-ID", record_id(seed, name)),
                ("WARC-Date", warc_date(exchange.started_at)),
                ("WARC-Target-URI", _beside(name, exchange.url)),
                ("WARC-Refers-To", record_id(seed, "response")),
                ("Content-Type", media),
            ),
            block,
        ).member
        for name, media, block in found
        if block
    )


def _truncation(exchange: Exchange) -> Fields:
    if exchange.truncated is None:
        return ()
    return (("WARC-Truncated", exchange.truncated.value),)


def _is_packed(exchange: Exchange) -> bool:
    coding = (exchange.header("Content-Encoding") or "identity").strip().lower()
    media = (exchange.header("Content-Type") or "").strip().lower()
    return coding not in {"", "identity"} or media.startswith(_PACKED_TYPES)


def _beside(name: str, url: str) -> str:
    """Return a name for what a URL gave and is not its page.

    Under the URL itself pywb would replay it as the page.
    """
    return f"urn:kliping:{name}:{_target_uri(url)}"


def _target_uri(url: str) -> str:
    return _URI_UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", url)


def _tls_protocol(version: str) -> str:
    found = _TLS_VERSION.fullmatch(version)
    return f"tls/{found[1]}.{found[2] or 0}" if found else version.lower()
