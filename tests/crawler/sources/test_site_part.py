import pytest

from crawler.sources.site_part import folder_of, is_inside

SITE = "https://a.example"


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/news/", "/news"),
        ("/news", "/news"),
        ("/news/index.html", "/news"),
        ("/index.html", ""),
        ("/", ""),
    ],
)
def test_a_page_stands_for_its_folder(path: str, folder: str) -> None:
    assert folder_of(SITE + path) == folder


@pytest.mark.parametrize(
    ("path", "part", "inside"),
    [
        ("/news/a", "/news", True),
        ("/news", "/news", True),
        ("/newsroom", "/news", False),
        ("/shop/a", "", True),
    ],
)
def test_a_page_is_inside_by_whole_names(path: str, part: str, *, inside: bool) -> None:
    assert is_inside(SITE + path, part) == inside
