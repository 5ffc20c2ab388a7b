"""The pages about documentation gaps, and those for answering with a page."""
