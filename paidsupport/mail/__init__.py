"""From a letter in the outbox to a mail that has left, once."""
