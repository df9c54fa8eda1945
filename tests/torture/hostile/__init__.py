"""Markup made to hold a parser, and the time that it takes."""
