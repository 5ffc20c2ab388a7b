"""What happened at the desk, in the order in which it was committed, for other programs."""
