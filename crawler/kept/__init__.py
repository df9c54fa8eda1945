"""What the archive keeps of a page, found and read again: no network."""
