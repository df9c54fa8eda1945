"""Our WARC files in other people's replay tools."""
