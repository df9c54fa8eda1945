"""Anatomies as bytes: JSON by pydantic, validated when read."""

from pydantic import TypeAdapter

from crawler.extract.anatomy import Anatomy

_ANATOMY = TypeAdapter(Anatomy)


def encode_anatomy(anatomy: Anatomy) -> bytes:
    """Return an anatomy as JSON."""
    return _ANATOMY.dump_json(anatomy)


def decode_anatomy(encoded: bytes) -> Anatomy:
    """Return the anatomy in a JSON document.

    Raises:
        ValueError: It is none.
    """
    return _ANATOMY.validate_json(encoded)
