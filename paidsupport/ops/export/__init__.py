"""Data out: everything as lines of JSON, or one customer as a zip (P13)."""
