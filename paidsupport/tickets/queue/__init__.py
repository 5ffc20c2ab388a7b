"""The queue: every ticket by what part of it is open, and what is news in it."""
