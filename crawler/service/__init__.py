"""Put the parts together: the only package that names concrete classes.

`opening.open_service` gives one process the whole archive, to write and to crawl;
`reader.open_reader` gives any number of processes the archive to read, also while a
service runs.
"""
