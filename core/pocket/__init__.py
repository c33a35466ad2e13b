"""A network as one HTML file, which opens from disk without any network: to carry it about."""
