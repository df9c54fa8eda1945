"""Names in ideographs stand behind a label or in the brackets that close a text."""

import pytest

from crawler.extract.bylines.ideographic import (
    is_bare_name,
    read_closing,
    read_ideographic,
)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("新海日报记者 王明 李芳", "王明, 李芳"),
        ("新海网频道 记者 王明 通讯员 李芳", "王明, 李芳"),
        ("本报记者王小明发自北京", "王小明"),
        ("文：王小明", "王小明"),
        ("作者：王明、李芳", "王明, 李芳"),
        ("文字版", ""),
        ("记者昨日获悉", ""),
        ("责任编辑：王明", ""),
        ("来源：新海网", ""),
    ],
)
def test_labelled(line: str, names: str) -> None:
    assert read_ideographic(line) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("港口重新开放。（王明）", "王明"),
        ("港口重新开放。（王明 李芳 ）", "王明, 李芳"),
        ("港口重新开放。（新海日报记者 王明 通讯员 李芳）", "王明, 李芳"),
        ("港口重新开放？”（王明 上海报道）", "王明"),
        ("港口重新开放。（完）", ""),
        ("港口重新开放。（待续）", ""),
        ("港口重新开放。（资料图片）", ""),
        ("港口重新开放。", ""),
    ],
)
def test_closing(text: str, names: str) -> None:
    assert read_closing(text) == names


def test_a_bare_name_has_a_names_length() -> None:
    assert is_bare_name("王小明")
    assert not is_bare_name("图片新闻")
    assert not is_bare_name("港口今天重新开放")
