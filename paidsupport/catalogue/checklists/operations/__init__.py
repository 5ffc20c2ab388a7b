"""Editing items, their evidence, and traits."""
