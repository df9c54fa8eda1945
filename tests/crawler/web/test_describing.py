"""The API's description, and whether its examples are what it describes."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from crawler.web.describing import TAGS, operations


@pytest.fixture
def document(shown_app: FastAPI) -> dict[str, Any]:
    return shown_app.openapi()


def test_every_operation_has_a_readable_name_of_its_own(
    document: dict[str, Any],
) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_tag_is_described(document: dict[str, Any]) -> None:
    used = {
        tag for _, _, operation in operations(document) for tag in operation["tags"]
    }

    assert used == {tag["name"] for tag in TAGS}
    assert all(tag["description"] for tag in TAGS)


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if path.startswith("/v1/") and int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]


def test_every_operation_shows_what_it_asks_and_answers(
    document: dict[str, Any],
) -> None:
    missing = [
        operation["operationId"]
        for _, _, operation in operations(document)
        if not (_answers(operation) or "204" in operation["responses"])
        or (
            "requestBody" in operation
            and "example" not in operation["requestBody"]["content"]["application/json"]
        )
    ]

    assert missing == ["get_raw"]


def _answers(operation: dict[str, Any]) -> list[Any]:
    return [
        media["example"]
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for media in response.get("content", {}).values()
        if "example" in media
    ]


def test_examples_are_what_is_described(document: dict[str, Any]) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    wrong = []
    for _, _, operation in operations(document):
        shown = list(operation["responses"].values())
        if "requestBody" in operation:
            shown.append(operation["requestBody"])
        for one in shown:
            for media in one.get("content", {}).values():
                if "example" in media and "schema" in media:
                    schema = {
                        **media["schema"],
                        "components": document["components"],
                    }
                    if not jsonschema_rs.is_valid(schema, media["example"]):
                        wrong.append((operation["operationId"], one["description"]))

    assert wrong == []


def test_what_needs_a_token_says_how_it_is_sent(document: dict[str, Any]) -> None:
    (scheme,) = document["components"]["securitySchemes"].values()

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert scheme["description"]
