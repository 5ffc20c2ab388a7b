"""The customer's pages: what can be ordered, the order form, the private page, and two lookups."""
