"""What the Draw page is measured by: `python -m benchmarks draw`."""
