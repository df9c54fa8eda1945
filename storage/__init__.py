"""Keep captures, articles and the ledger, and find them again.

This package never imports `crawler`.
"""
