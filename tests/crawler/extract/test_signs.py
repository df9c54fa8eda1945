"""What bears on a verdict, as pages state it."""

import pytest

from crawler.extract.signs import is_free
from storage.model.article import Claim


@pytest.mark.parametrize(
    ("stated", "is_so"),
    [
        ([], None),
        (["Perhaps"], None),
        (["True"], True),
        (["free"], True),
        (["https://schema.org/True"], True),
        (["http://schema.org/False"], False),
        (["locked"], False),
        (["metered"], False),
        (["True", "False"], False),
    ],
)
def test_access_is_free_as_structured_data_says(
    stated: list[str], *, is_so: bool | None
) -> None:
    """One part that is not decides: it is the part behind the wall."""
    claims = [Claim(origin="json-ld", raw=said, value=said) for said in stated]

    assert is_free(claims) is is_so
