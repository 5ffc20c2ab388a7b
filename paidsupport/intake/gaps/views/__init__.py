"""The pages about missing documentation, and those that answer with a page."""
