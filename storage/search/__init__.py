"""How the archive is searched: words, queries, ranks, pages of results; pure."""
