"""Sources: surveyed, imported, watched, and how they fare."""
