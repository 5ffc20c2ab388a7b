"""From a letter in the outbox to a mail that has left, once; from a mail that came in to its ticket, once."""
