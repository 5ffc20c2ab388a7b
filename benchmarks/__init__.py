"""What paidsupport is measured against, and how: `make bench`, or `python -m benchmarks`."""
