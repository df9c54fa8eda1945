"""The fault catalogue against the unmodified service."""
