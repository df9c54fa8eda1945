"""Earlier versions of a file that an S3 bucket keeps: list them, remove them.

obstore knows nothing of them, so these three requests are signed here (AWS Signature
Version 4). Who we are is read of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
AWS_SESSION_TOKEN; with other credentials the store must be told to keep no versions.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

from lxml import etree

from storage.errors import StoreRefused, StoreUnreachable

_TIMEOUT = 60
_EMPTY = hashlib.sha256(b"").hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"
_KINDS = ("Version", "DeleteMarker")
_DONE = {
    "GET": frozenset({HTTPStatus.OK}),  # none is found where the bucket is not, either
    "DELETE": frozenset({HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions of files below a prefix of a bucket.

    Attributes:
        endpoint: Where the store is.
        bucket: Its bucket.
        prefix: What stands before each place, without slashes at its ends.
        region: As requests are signed for it.
        key: Who we are, and `secret` and `token` the proof.
    """

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def remove_others(self, place: str, current: str | None) -> None:
        """Remove all versions of a file but one, and the marks of removals.

        Raises:
            StoreRefused: the store does not let us.
            StoreUnreachable: it does not answer.
        """
        key = f"{self.prefix}/{place}".lstrip("/")
        for version in self._listed(key) - {current or ""}:
            self._ask("DELETE", key, {"versionId": version})
        left = self._listed(key) - {current or ""}
        if left:
            raise StoreRefused(f"{len(left)} earlier versions of {place} do not go")

    def _listed(self, key: str) -> set[str]:
        found: set[str] = set()
        after: dict[str, str] = {}
        while True:
            asked = {"versions": "", "prefix": key, **after}
            listed = _parsed(self._ask("GET", "", asked))
            for kind in _KINDS:
                found |= {
                    one.findtext("{*}VersionId") or "null"
                    for one in listed.iterfind(f"{{*}}{kind}")
                    if one.findtext("{*}Key") == key
                }
            if listed.findtext("{*}IsTruncated") != "true":
                return found
            after = {
                "key-marker": listed.findtext("{*}NextKeyMarker") or "",
                "version-id-marker": listed.findtext("{*}NextVersionIdMarker") or "",
            }

    def _ask(self, method: str, key: str, query: Mapping[str, str]) -> bytes:
        parts = urlsplit(self.endpoint)
        path = quote(f"{parts.path.rstrip('/')}/{self.bucket}/{key}".rstrip("/"))
        asked = "&".join(
            f"{quote(name, safe='')}={quote(value, safe='')}"
            for name, value in sorted(query.items())
        )
        signed = self._signed(method, parts.netloc, path, asked, datetime.now(UTC))
        kind = HTTPConnection if parts.scheme == "http" else HTTPSConnection
        connection = kind(parts.netloc, timeout=_TIMEOUT)
        try:
            connection.request(method, f"{path}?{asked}", headers=signed)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as error:
            raise StoreUnreachable(f"object store: versions: {error}") from error
        finally:
            connection.close()
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise StoreUnreachable(f"object store: versions: status {answer.status}")
        if answer.status not in _DONE[method]:
            raise StoreRefused(
                f"object store: versions of files: {method} ended as {answer.status}"
            )
        return body

    def _signed(
        self, method: str, host: str, path: str, query: str, now: datetime
    ) -> dict[str, str]:
        """Return the headers of a request without a body (AWS, "Signature Version 4")."""
        at, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": at}
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{_EMPTY}"
        scope = f"{day}/{self.region}/s3/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        said = f"{_ALGORITHM}\n{at}\n{scope}\n{digest}"
        proof = f"AWS4{self.secret}".encode()
        for step in (*scope.split("/"), said):
            proof = hmac.digest(proof, step.encode(), "sha256")
        headers["authorization"] = (
            f"{_ALGORITHM} Credential={self.key}/{scope}, SignedHeaders={names}, "
            f"Signature={proof.hex()}"
        )
        return headers


def versions_of(
    url: str, endpoint: str | None, environment: Mapping[str, str] = os.environ
) -> Versions | None:
    """Return the versions that a store of an address keeps; None where we cannot ask."""
    parts = urlsplit(url)
    key, secret = (
        environment.get(f"AWS_{name}")
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    )
    if parts.scheme not in {"s3", "s3a"} or not key or not secret:
        return None
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    at = region or "us-east-1"
    named = (environment.get(f"AWS_ENDPOINT{end}") for end in ("_URL_S3", "_URL", ""))
    known = next(filter(None, (endpoint, *named)), None)
    return Versions(
        endpoint=known or f"https://s3.{at}.amazonaws.com",
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        region=at,
        key=key,
        secret=secret,
        token=environment.get("AWS_SESSION_TOKEN"),
    )


def _parsed(text: bytes) -> etree._Element:
    try:
        return etree.fromstring(
            text, etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except etree.XMLSyntaxError as error:
        raise StoreUnreachable("object store: versions: no list came back") from error
