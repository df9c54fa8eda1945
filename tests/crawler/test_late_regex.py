import re

import pytest

from crawler.late_regex import late


def test_it_does_what_a_compiled_one_does() -> None:
    found = late("(?P<word>[a-z]+)", re.IGNORECASE)
    assert found.search("1 Two 3")["word"] == "Two"
    assert found.sub("x", "1 Two 3") == "1 x 3"
    assert found.pattern == "(?P<word>[a-z]+)"
    assert found.search.__self__ is re.compile("(?P<word>[a-z]+)", re.IGNORECASE)


def test_nothing_is_compiled_before_its_first_use() -> None:
    broken = late("(")
    with pytest.raises(re.error):
        broken.match("a")
