"""The queue: all tickets, by part, and what is new."""
