import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from crawler.web.client import ServiceRefused, ServiceUnreachable, call

Answer = tuple[int, bytes]


class Service:
    """A service that answers everything alike and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = (200, b"{}")
        self.asked: list[dict[str, Any]] = []
        self.address = ""


@pytest.fixture
def service() -> Iterator[Service]:
    served = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            served.asked.append(
                {
                    "path": self.path,
                    "authorization": self.headers["Authorization"],
                    "json": json.loads(body) if body else None,
                }
            )
            status, answer = served.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        served.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def test_a_call_carries_the_token_and_the_document(service: Service) -> None:
    service.answer = (201, b'{"id": 7}')

    answer = call(service.address, "s3cret", "POST", "/v1/links", {"urls": ["ü"]})

    assert answer == {"id": 7}
    assert service.asked == [
        {
            "path": "/v1/links",
            "authorization": "Bearer s3cret",
            "json": {"urls": ["ü"]},
        }
    ]


def test_an_empty_answer_is_an_empty_object(service: Service) -> None:
    service.answer = (200, b"")

    assert call(service.address, "t", "POST", "/v1/x") == {}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"title": "Not found", "detail": "no source"}', "no source"),
        (b'{"title": "Not found"}', "Not found"),
        (b"[1]", "Not Found"),
        (b"<html>", "Not Found"),
    ],
    ids=["detail", "title", "list", "markup"],
)
def test_a_refusal_says_what_the_problem_document_says(
    service: Service, body: bytes, detail: str
) -> None:
    service.answer = (404, body)

    with pytest.raises(ServiceRefused, match=detail) as refused:
        call(service.address, "t", "POST", "/v1/x")

    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            {
                "detail": "Some cannot be used.",
                "problems": ["body.name: a", "lasts: b"],
            },
            "the running service says: Some cannot be used. (422); name: a; lasts: b",
        ),
        (
            {"detail": "a: x\nb: y", "problems": ["a: x", "b: y"]},
            "the running service says: a: x\nb: y (422)",
        ),
        ({"detail": "No.", "problems": None}, "the running service says: No. (422)"),
    ],
    ids=["named apart", "named already", "none"],
)
def test_a_refusal_names_each_fault_once(
    service: Service, problem: dict[str, Any], told: str
) -> None:
    service.answer = (422, json.dumps(problem).encode())

    with pytest.raises(ServiceRefused) as refused:
        call(service.address, "t", "POST", "/v1/x")

    assert str(refused.value) == told


@pytest.mark.parametrize("body", [b"[1]", b"<html>"], ids=["list", "markup"])
def test_what_is_no_json_object_is_not_the_service(
    service: Service, body: bytes
) -> None:
    service.answer = (200, body)

    with pytest.raises(ServiceUnreachable, match="did not answer with JSON"):
        call(service.address, "t", "POST", "/v1/x")


def test_a_service_that_is_gone_is_unreachable(free_tcp_port: int) -> None:
    with pytest.raises(ServiceUnreachable, match="refused"):
        call(f"http://127.0.0.1:{free_tcp_port}", "t", "POST", "/v1/x")


@pytest.mark.parametrize(
    "address",
    ["http://10.0.0.1:8765", "https://127.0.0.1:8765", "http://courier.example", ""],
)
def test_the_token_never_leaves_the_machine(address: str) -> None:
    with pytest.raises(ServiceUnreachable, match="not an address on this machine"):
        call(address, "t", "POST", "/v1/x")
