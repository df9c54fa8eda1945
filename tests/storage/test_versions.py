"""Requests about versions are signed as the makers of S3 sign theirs."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from storage.versions import versions_of

NOW = datetime(2026, 11, 27, 6, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("token", [None, "a/token+of=ours"], ids=["lasting", "session"])
@pytest.mark.parametrize(
    ("method", "key", "query"),
    [
        ("GET", "", {"prefix": "a b/warc/x.warc.gz", "versions": ""}),
        ("DELETE", "/a%20b/warc/x.warc.gz", {"versionId": "x.y/z+0="}),
    ],
    ids=["list", "remove"],
)
def test_a_request_is_signed(
    method: str, key: str, query: dict[str, str], token: str | None
) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "a secret/of+ours",
        "AWS_REGION": "eu-north-1",
    }
    if token:
        environment["AWS_SESSION_TOKEN"] = token
    versions = versions_of("s3://kept/a b", None, environment)
    assert versions is not None
    asked = urlencode(query, safe="", quote_via=quote)

    ours = versions._signed(
        method, "s3.eu-north-1.amazonaws.com", f"/kept{key}", asked, NOW
    )

    request = AWSRequest(
        method=method,
        url=f"{versions.endpoint}/kept{key}?{asked}",
        headers={"X-Amz-Content-SHA256": ours["x-amz-content-sha256"]},
    )
    request.context["timestamp"] = ours["x-amz-date"]
    request.context["payload_signing_enabled"] = True
    credentials = Credentials("AKIAEXAMPLE", "a secret/of+ours", token)
    auth = S3SigV4Auth(credentials, "s3", "eu-north-1")
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    assert f"Signature={signature}" in ours["authorization"]


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        ("gs://kept/x", {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}),
        ("s3://kept/x", {"AWS_ACCESS_KEY_ID": "a"}),
        ("file:///kept", {}),
    ],
    ids=["another kind", "no secret", "a folder"],
)
def test_where_we_cannot_ask_there_are_none(
    url: str, environment: dict[str, str]
) -> None:
    assert versions_of(url, None, environment) is None
