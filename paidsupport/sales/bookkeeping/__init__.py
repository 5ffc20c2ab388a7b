"""What came in, what is open, and what developers are owed: for managers and their bookkeeper."""
