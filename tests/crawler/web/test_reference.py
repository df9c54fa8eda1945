import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from crawler.config.tree import Source
from crawler.web.reference import description, reference

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def page() -> str:
    return reference(description())


def test_the_reference_of_the_api_is_current(page: str) -> None:
    kept = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")

    assert kept == f"{page}\n", "run: python -m crawler.web.reference > docs/routes.md"


def test_it_describes_what_a_service_serves(shown_app: FastAPI) -> None:
    assert description()["paths"] == shown_app.openapi()["paths"]


def test_every_object_that_is_named_is_described(page: str) -> None:
    named = set(re.findall(r"\]\(#([\w-]+)\)", page))
    described = {one.lower() for one in re.findall(r"^### (\w+)$", page, re.MULTILINE)}

    assert named - described == set()


def test_no_object_is_named_by_the_module_that_has_it(page: str) -> None:
    """Two classes of one name would be told apart so, and renamed with the code."""
    assert re.findall(r"^### (?:crawler|storage)__.*$", page, re.MULTILINE) == []


def test_an_example_can_be_sent_as_it_stands(page: str) -> None:
    call = next(line for line in page.splitlines() if line.endswith("/v1/sources'"))
    add = next(
        line
        for line in page.splitlines()
        if "-X POST" in line and line.endswith("/v1/sources'")
    )
    body = re.search(r"--json '(.*?)' '", add)

    assert call == (
        "curl -H \"Authorization: Bearer $TOKEN\" 'http://127.0.0.1:8765/v1/sources'"
    )
    assert body is not None
    assert Source.model_validate(json.loads(body[1])).name == "River Times"
