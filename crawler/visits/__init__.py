"""Stays at a host: who may be asked now, at what pace, and what is kept of it."""
