"""Many texts are weighed and folded at once as each would be alone."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.measure import fold, fold_all, weigh_all, weight

_TEXTS = st.lists(
    st.text(st.sampled_from("aB_9 .\n\0\u00a0ßİΣé日한\u0e01"), max_size=9)
)


@given(_TEXTS)
def test_texts_fold_together_as_each_alone(texts: list[str]) -> None:
    """Folding many texts gives what folding each gives, whatever parts them."""
    assert fold_all(texts) == [fold(text) for text in texts]


@given(_TEXTS)
def test_texts_weigh_together_as_each_alone(texts: list[str]) -> None:
    """Weighing many texts gives what weighing each gives."""
    assert weigh_all(texts) == [weight(text) for text in texts]
