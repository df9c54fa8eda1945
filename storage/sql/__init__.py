"""The archive database: tables, ledger, articles, search."""
