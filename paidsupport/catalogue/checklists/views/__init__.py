"""The pages of items, of their evidence, and of traits."""
