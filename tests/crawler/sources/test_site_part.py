import pytest

from crawler.sources.site_part import folder_of, folders_above, is_inside

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


@pytest.mark.parametrize("path", ["/news/2026/pier/", "/news/pier?page=2", "/", ""])
def test_a_page_is_inside_of_the_folders_above_it(path: str) -> None:
    above = list(folders_above(SITE + path))

    assert above[-1] == ""
    assert all(is_inside(SITE + path, folder) for folder in above)
    assert (
        len(set(above)) == len(above) == path.strip("/").count("/") + bool(above[0]) + 1
    )
