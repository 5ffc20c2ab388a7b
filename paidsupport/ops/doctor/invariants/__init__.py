"""What must hold of all rows, whosever they are."""
