"""Which headers of a page's script go on."""

import pytest

from crawler.fetch.request import Fields, request_headers, script_headers


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ({"accept": "application/vnd.x+json;q=0.9, */*"}, True),
        ({"accept-language": "pt-BR, pt;q=0.5"}, True),
        ({"accept": ""}, False),
        ({"accept": "a" * 129}, False),
        ({"accept": 'text/html;a="b"'}, False),
        ({"accept": "a\r\nX: b"}, False),
        ({"accept-language": "ms\n"}, False),
        ({"accept-language": "é"}, False),
        ({"authorization": "Basic eDp5", "cookie": "a=b", "range": "bytes=0-"}, False),
        ({"content-type": "text/plain", "x-requested-with": "a", "host": "b"}, False),
    ],
)
def test_only_what_a_page_may_say_to_anybody_does(
    said: dict[str, str], sent: bool
) -> None:
    assert {name.lower(): value for name, value in script_headers(said)} == (
        said if sent else {}
    )


def test_they_stand_in_place_of_our_own() -> None:
    others: Fields = (("Accept", "application/json"),)

    headers = request_headers("Kliping/1", None, others)

    assert [value for name, value in headers if name == "Accept"] == [
        "application/json"
    ]
