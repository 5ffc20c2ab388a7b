"""The same request of a program again gets the same answer, for a day."""
