"""Who trains which run when: workers of Dask, the order of the queue, cores and certificates."""
