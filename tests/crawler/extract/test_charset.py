"""Bytes are decoded as a browser would, with a guess where nothing is declared."""

import pytest

from crawler.extract.charset import decode

_CASES = {
    "utf-8 mark": (b"\xef\xbb\xbfcaf\xc3\xa9", None, "café"),
    "utf-16 mark": ("\ufeffcafé".encode("utf-16-le"), None, "café"),
    "header": ("привет".encode("cp1251"), "text/html; charset=windows-1251", "привет"),
    "meta": (
        b'<meta charset="windows-1252">caf\xe9',
        None,
        '<meta charset="windows-1252">café',
    ),
    "xml": (
        '<?xml encoding="shift_jis"?>日本'.encode("cp932"),
        None,
        '<?xml encoding="shift_jis"?>日本',
    ),
    "utf-8 against its declaration": (
        "<meta charset=iso-8859-1>é".encode(),
        None,
        "<meta charset=iso-8859-1>é",
    ),
    "latin-1 means windows-1252": (
        b"<meta charset=iso-8859-1>\x93x\x94",
        None,
        "<meta charset=iso-8859-1>“x”",
    ),
    "declared utf-16 in ascii": (
        b"<meta charset=utf-16>x",
        None,
        "<meta charset=utf-16>x",
    ),
    "unknown label": (b"x", "text/html; charset=klingon", "x"),
    "a codec that is no charset": (b"x", "text/html; charset=base64", "x"),
    "control characters": (b"a\0b\x01c\x02", None, "abc"),
}


@pytest.mark.parametrize(("body", "header", "text"), _CASES.values(), ids=_CASES.keys())
def test_text_is_decoded(body: bytes, header: str | None, text: str) -> None:
    assert decode(body, header)[0] == text


def test_an_undeclared_charset_is_guessed() -> None:
    text = (
        "Как сообщили в пресс-службе, движение по мосту откроют в понедельник утром. "
        * 5
    )

    assert decode(text.encode("cp1251"))[0] == text
