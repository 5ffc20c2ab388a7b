"""What management wants to know: figures that a worker counts."""
