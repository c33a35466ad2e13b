"""Real servers on this machine, for tests and for trying: PostgreSQL, S3, Dask with TLS and workers."""
