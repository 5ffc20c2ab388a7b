"""Guides: pages that staff write and customers are pointed to."""
