"""A capture -> an article and a verdict. Pure: no network, no clock, no files but our own data."""
