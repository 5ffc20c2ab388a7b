"""Making an issue of a request."""
