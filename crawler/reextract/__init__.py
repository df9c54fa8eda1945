"""Kept captures read again by today's extractor, compared, and put in place."""
