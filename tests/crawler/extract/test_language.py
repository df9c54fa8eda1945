"""The language comes from the text; its source decides only between near ones."""

import pytest

from crawler.extract.language import detect_language

_ENGLISH = (
    "The council will decide in May whether a second boat is needed for the summer."
)
_INDONESIAN = "Menurut polisi, warga kota itu resmi pindah karena banjir pada Senin dan Jumat pekan lalu."
_MALAY = "Beliau berkata kerajaan boleh membantu kerana hujan lebat pada Isnin, manakala polis menunggu."


@pytest.mark.parametrize(
    ("text", "prior", "code"),
    [
        (_ENGLISH, None, "en"),
        (_ENGLISH, "de", "en"),
        (_INDONESIAN, None, "id"),
        (_MALAY, None, "ms"),
        (_INDONESIAN, "ms", "ms"),
        ("Short.", "pt-BR", "pt"),
        ("Short.", None, None),
        ("東京で大雨が降った。", None, "ja"),
    ],
)
def test_the_language_is_told(text: str, prior: str | None, code: str | None) -> None:
    assert detect_language(text, prior) == code
