"""Each day's records under one hash, chained to the day before."""
