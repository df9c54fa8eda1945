"""The object store that the settings name: what makes no sense is refused."""

from pathlib import Path

import pytest

from crawler.objects import store_of
from storage.errors import StoreUnreachable
from tests.crawler.test_uploading import settings


def test_a_store_of_no_sense_is_told_of(tmp_path: Path) -> None:
    config = settings(tmp_path, objects="az://container/x")

    with pytest.raises(StoreUnreachable, match="open the store"):
        store_of(config)


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        ({"objects": "ftp://kept/x"}, "objects"),
        ({"objects": "s3://"}, "objects"),
        ({"objects": "file://relative"}, "objects"),
        ({"objects": "s3://a/x", "objects_endpoint": "http://s3.example"}, "TLS"),
        ({"objects": "gs://a/x", "objects_endpoint": "https://x.example"}, "alone"),
        ({"keep_local": "7d"}, "needs objects"),
    ],
    ids=["ftp", "no bucket", "relative", "no TLS", "endpoint of gs", "no store"],
)
def test_settings_of_no_sense_are_refused(
    tmp_path: Path, storage: dict[str, object], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        settings(tmp_path, **storage)
