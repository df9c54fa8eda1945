"""Make the database again from the WARC files alone."""
