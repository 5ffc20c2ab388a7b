"""Bug trackers of others: what is filed in them, and what the public files there (P17, T1)."""
