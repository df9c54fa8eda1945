"""Live blogs: where their entries begin and end, and when each was written. Pure."""
