"""Cut the power again and again: what was not synced is gone, and nothing else."""
