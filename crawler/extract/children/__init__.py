"""Extraction in child processes, which may be ended: one bad page costs one extraction."""
