"""Search in twelve languages, on both databases, judged by how texts were made."""
