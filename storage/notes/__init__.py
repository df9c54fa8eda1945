"""Notes: what SQL alone would know, as WARC records beside what it is about."""
