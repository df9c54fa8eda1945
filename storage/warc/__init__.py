"""WARC files: records written, read back and verified (WARC/1.1)."""
