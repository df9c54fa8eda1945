"""Bytes of feeds, sitemaps and section pages -> the links found in them."""
