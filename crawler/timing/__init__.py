"""Decisions about time: when what runs, and what a reading or a look is worth. Pure."""
