"""Decisions about links and their pages: how they end, which are asked for. Pure."""
