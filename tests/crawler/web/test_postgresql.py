"""What the pages and the API say of an archive on PostgreSQL is what they say on SQLite."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawler.clock import utc_now
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.web.app import make_app
from storage.sql.partitions import counted, first_id
from tests.bench.faces import PATHS
from tests.crawler.web.conftest import (
    TOKEN,
    bearing,
    config_for,
    patient,
    speaking_to,
)
from tests.crawler.web.material import Archive, fill
from tests.postgres import Server

pytestmark = pytest.mark.anyio
#: What two archives that were filled one after the other do not share.
_OWN = frozenset(
    [
        "age_s",
        "at",
        "created_at",
        "disk_free",
        "due_late_seconds",
        "found_at",
        "length",
        "next_run",
        "offset",
        "opened_at",
        "segment",
        "segments_bytes",
        "ticked_at",
        "watched_since",
        "time",
    ]
)


@asynccontextmanager
async def shown_from(
    folder: Path, database: str
) -> AsyncIterator[tuple[httpx.AsyncClient, Archive]]:
    config = config_for(folder)
    stored = config.storage.model_copy(update={"database": database})
    async with open_service(config.model_copy(update={"storage": stored})) as service:
        archive = await fill(service)
        app = patient(make_app(service, Pulse(ticked_at=utc_now()), TOKEN))
        app.state.streams.close()
        async with speaking_to(app) as client:
            client.headers.update(bearing(TOKEN))
            yield client, archive


def shared(said: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return what does not hang on when it was archived, and in which file.

    PostgreSQL's ids tell the month.
    """
    if isinstance(said, Mapping):
        return {key: shared(value) for key, value in said.items() if key not in _OWN}
    if isinstance(said, int) and said >= first_id(1):
        return counted(said)
    return [shared(one) for one in said] if isinstance(said, list) else said


async def answers(folder: Path, database: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with shown_from(folder, database) as (client, archive):
        words = {"url": "https://harbour.example/bridge-opens", "word": "bridge"}
        for path in PATHS:
            named = path.replace("source-7", "Harbour Post").format(
                middle=archive.harbour, other="ships", **words
            )
            answer = await client.get(named)
            kind = answer.headers["content-type"].partition(";")[0]
            is_json = kind == "application/json"
            found[named] = (
                answer.status_code,
                shared(answer.json()) if is_json else kind,
            )
    return found


async def test_all_faces_say_the_same_on_both(tmp_path: Path, postgres: Server) -> None:
    with postgres.empty() as url:
        served = await answers(tmp_path / "a", url.replace("+psycopg", ""))
    embedded = await answers(tmp_path / "b", "")

    assert {path: said for path, said in served.items() if said[0] >= 400} == {}
    differing = {path for path in served if served[path] != embedded[path]}
    assert differing == set()
