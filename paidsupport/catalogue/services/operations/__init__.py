"""What managers do to services: each operation is one change of the configuration."""
