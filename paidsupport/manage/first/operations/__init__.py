"""Setting up a desk that has nothing yet."""
