"""Phone calls: noted while somebody talks."""
