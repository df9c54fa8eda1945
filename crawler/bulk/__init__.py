"""Much to be read at once: WARC files as shards, each read into one Parquet file."""
