"""What others gathered, taken into the archive: WARC files, lists of URLs; no network."""
