"""Bytes are decoded as a browser would, with a guess where nothing is declared."""

import random

import pytest

from crawler.charset import decode, is_binary

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
    "a script's word for nothing": (
        "<p>привет, мир".encode("cp1251") * 9,
        "text/html; charset=undefined",
        "<p>привет, мир" * 9,
    ),
    "a label of browsers": (
        "<p>ข่าว “วันนี้”".encode("cp874"),
        "text/html; charset=windows-874",
        "<p>ข่าว “วันนี้”",
    ),
    "markup that is wide without a mark": (
        "<p>Über Köln".encode("utf-16-le"),
        None,
        "<p>Über Köln",
    ),
    "a character cut in two": (
        "<p>Größe und Maß".encode() + b"\xc3</p>",
        "text/html; charset=utf-8",
        "<p>Größe und Maß\ufffd</p>",
    ),
    "a codec that is no charset": (b"x", "text/html; charset=base64", "x"),
    "control characters": (b"a\0b\x01c\x02", None, "abc"),
    "what drives a terminal": (b"a\x07b\x1b[31mc\x7f\td\x0be", None, "ab[31mc\td e"),
    "more than is in EUC-JP itself": (
        "<p>第".encode("euc_jp") + b"\xad\xa1\xad\xea\xfc\xe2\xff</p>",
        "text/html; charset=euc-jp",
        "<p>第①㈱髙\ufffd</p>",
    ),
    "its names against a server that was told nothing": (
        "<meta charset=euc-jp>日本の".encode("euc_jp") + b"\xfc\xe2",
        "text/html; charset=iso-8859-1",
        "<meta charset=euc-jp>日本の髙",
    ),
    "escapes that nothing declares": (
        "<p>日本の新聞、1面".encode("iso2022_jp"),
        "text/html",
        "<p>日本の新聞、1面",
    ),
    "escapes of a terminal": (b"<p>\x1b[31mred\x1b[0m", None, "<p>[31mred[0m"),
    "escapes that are none": (b"<p>\x1b$B no", None, "<p>$B no"),
    "escapes of a charset": (
        "日本".encode("iso2022_jp"),
        "text/html; charset=iso-2022-jp",
        "日本",
    ),
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


def test_a_charset_is_guessed_from_what_is_not_ascii() -> None:
    script, text = (
        f"<script>{'a=1;' * 20_000}</script>",
        "Движение по мосту откроют. " * 9,
    )

    assert decode((script + text).encode("cp1251"))[0] == script + text


@pytest.mark.parametrize(
    "body",
    [
        bytes(range(256)) * 400,
        random.Random(5).randbytes(3000),
        b"\x7fELF" + bytes(2000),
        b"%PDF-1.7\nstory",
        b"\x1f\x8b\x08story",
    ],
    ids=["every byte", "noise", "program", "pdf", "gzip"],
)
def test_what_is_no_text_is_told_from_its_bytes(body: bytes) -> None:
    assert is_binary(body, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (("<p>Kapal berangkat\0 pagi ini.</p>" * 60).encode(), None),
        ("<p>Das Schiff legt ab.</p>".encode("utf-16"), None),
        (
            "<p>Das Schiff legt ab.</p>".encode("utf-16-le"),
            "text/html; charset=UTF-16LE",
        ),
        (("<p>The ferry leaves in the morning.</p>" * 40).encode("utf-16-le"), None),
        ("<p>船が出る。</p>".encode("iso2022_jp") * 90, None),
        ("<p>船が出る。</p>".encode("cp932") * 90, None),
        (b"a\0b\x01c\x02", None),
    ],
    ids=[
        "stray NUL",
        "utf-16",
        "utf-16 said",
        "utf-16 unsaid",
        "escapes",
        "shift_jis",
        "little",
    ],
)
def test_text_with_some_odd_bytes_is_text(
    body: bytes, content_type: str | None
) -> None:
    assert not is_binary(body, content_type)
