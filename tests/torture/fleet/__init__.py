"""Many processes on one PostgreSQL, killed at random."""
