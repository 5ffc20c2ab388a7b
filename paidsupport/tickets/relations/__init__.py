"""Related tickets, and duplicates that are merged."""
