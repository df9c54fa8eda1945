"""Quality that nobody lowers by accident: floors on whole public sets."""

import importlib

import pytest

from tests.quality.adapter import extract
from tests.shared import shared_path

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(("name", "floor"), [("indonesian", 0.91), ("zhce", 0.93)])
def test_text_is_as_clean_as_it_was(
    name: str, floor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVAL_DATA", str(shared_path("corpus")))
    monkeypatch.syspath_prepend(str(shared_path("eval")))
    corpora = importlib.import_module("corpora")
    score = importlib.import_module("score")

    pages = [
        score.score_page(page.gold, extract(page.html, page.url))
        for page in corpora.load(name, None)
    ]

    assert score.summary(pages)["F1"] >= floor
