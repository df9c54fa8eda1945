"""What every refusal of the API says of itself."""

import httpx
import pytest

from crawler.troubles import problem_of
from crawler.web.problems import Problem
from storage.errors import DiskFull

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("GET", "/v1/articles?limit=0", 422, "invalid"),
        ("GET", "/v1/search?q=%22", 400, "bad_request"),
        ("PUT", "/v1/search", 403, "forbidden"),
        ("GET", "/v1/reextractions/1/promote", 405, "method_not_allowed"),
    ],
)
async def test_a_refusal_says_its_class(
    reader: httpx.AsyncClient, method: str, path: str, status: int, kind: str
) -> None:
    answer = await reader.request(method, path)

    said = answer.json()
    assert (answer.status_code, said["status"], said["class"]) == (status, status, kind)
    assert said["retryable"] is False
    assert Problem.model_validate(said).kind == kind


async def test_another_host_is_refused_with_its_class(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/v1/health", headers={"Host": "evil.example"})

    assert answer.json()["class"] == "wrong_host"


async def test_a_wrong_method_is_told_all_right_ones(
    holder: httpx.AsyncClient,
) -> None:
    answer = await holder.put("/v1/sources")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert answer.json()["detail"] == "This address is asked by GET, HEAD, POST alone."


@pytest.mark.parametrize("path", ["/v1", "/v1/nowhere", "/nowhere"])
async def test_an_address_with_nothing_at_it_says_so(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path)

    assert (answer.status_code, "There is nothing at this" in answer.text) == (
        404,
        True,
    )


async def test_a_page_speaks_of_a_wrong_value_to_its_reader(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/ledger?before=x")).text

    assert "<h1>Not Usable</h1>" in page
    assert "<bdi>before: must be a whole number</bdi>" in page


@pytest.mark.parametrize("said", ["text/plain", "application/xml", None])
async def test_a_body_that_is_no_json_is_an_unsupported_type(
    holder: httpx.AsyncClient, said: str | None
) -> None:
    headers = {"Content-Type": said} if said else {}

    answer = await holder.post("/v1/links", content=b'{"urls": []}', headers=headers)

    assert (answer.status_code, answer.json()["class"]) == (415, "unsupported_type")


def test_a_full_disk_says_when_to_ask_again() -> None:
    said = problem_of(DiskFull("no room"))

    assert (said["class"], said["retryable"], said["retry_after"]) == (
        "disk_full",
        True,
        300,
    )


def test_an_error_of_our_own_keeps_its_words() -> None:
    said = problem_of(ValueError("a secret"))

    assert (said["status"], said["class"]) == (500, "internal")
    assert "secret" not in said["detail"]
