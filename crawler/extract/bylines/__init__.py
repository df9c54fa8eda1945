"""Who wrote a story: what is said of it, read as names."""
