"""Fetch news pages politely and make articles of them."""

__version__ = "0.1.0"
