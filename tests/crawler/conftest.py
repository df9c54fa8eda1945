from collections.abc import Iterator

import pytest

from tests.migrated import migrate_copy


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _opened_quickly() -> Iterator[None]:
    """Let archives that are opened anew in this process begin with a copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.service.opening.migrate", migrate_copy)
        yield
