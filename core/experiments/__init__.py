"""Experiments: one entry of the queue that makes many runs, looked after by a driver."""
