"""Where and when a story was written, as its first paragraph says."""
