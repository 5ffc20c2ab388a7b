"""The first run: an empty desk gets its first manager, and leads them to the first order."""
