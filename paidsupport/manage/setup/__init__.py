"""The page that leads to everything managers set up."""
