"""Interface words of news sites, all languages at once, and month names."""
