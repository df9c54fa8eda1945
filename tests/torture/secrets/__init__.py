"""Secrets planted wherever one can come in, and looked for wherever one may get out."""
