"""A real S3 server for tests: `python -m tests.objects` serves one on the loopback.

It prints its address and stops when its standard input ends, so it never outlives who
started it, however that died. The server is moto's; it keeps what it is given in memory.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storage.objects import Objects
from storage.versions import Versions, versions_of

#: Who may speak to it: anybody.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "us-east-1",
}


class S3:
    """A running server."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._numbers = count(1)

    def bucket(self, *, keeps_versions: bool = False) -> str:
        """Make a bucket; return its address, with a prefix."""
        client = self._client()
        name = f"kliping-{os.getpid()}-{next(self._numbers)}"
        client.create_bucket(Bucket=name)
        if keeps_versions:
            client.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        client.close()
        return f"s3://{name}/arch"

    def everything(self, url: str) -> dict[str, bytes]:
        """Return all that a bucket has, earlier versions too, by key and version."""
        client = self._client()
        bucket = urlsplit(url).netloc
        pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket)
        found = {
            f"{one['Key']}@{one['VersionId']}": client.get_object(
                Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"]
            )["Body"].read()
            for page in pages
            for one in page.get("Versions", ())
        }
        client.close()
        return found

    def objects(self, url: str) -> Objects:
        return Objects(url, endpoint=self.endpoint, allow_http=True)

    def _client(self) -> Any:  # noqa: ANN401  # boto's
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def versions(self, url: str) -> Versions:
        found = versions_of(url, self.endpoint, CREDENTIALS)
        assert found is not None
        return found


@contextmanager
def serving() -> Iterator[S3]:
    """Run a server until the block ends, or this process does."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.objects"],
        cwd=Path(__file__).parents[1],
        start_new_session=True,  # what interrupts us must not keep it from stopping
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield S3(process.stdout.readline().strip())
        finally:
            process.stdin.close()


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    out = sys.stdout
    sys.stdout = sys.stderr
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", file=out, flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
