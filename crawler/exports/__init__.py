"""Articles written to files that other programs read: tables, texts, books, WARCs."""
