"""The digest of a day: what broke, what goes on and what is over, by mail."""
