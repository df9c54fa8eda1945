"""Erase what was archived: every byte of it, and nothing else."""
