"""The Merkle tree, against the definition of RFC 6962 and its published vectors."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.days.tree import Tree

#: Leaves and heads of the Certificate Transparency project's test data.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
HEADS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def head(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.head()


def defined(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = defined(leaves[:split]), defined(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("count", HEADS)
def test_heads_are_those_that_were_published(count: int) -> None:
    assert head(LEAVES[:count]).hex() == HEADS[count]


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_heads_are_as_defined(leaves: list[bytes]) -> None:
    assert head(leaves) == defined(leaves)


def test_what_is_kept_of_many_leaves_is_little() -> None:
    tree = Tree()
    for number in range(5000):
        tree.add(number.to_bytes(2, "big"))

    assert len(tree._peaks) <= 13
