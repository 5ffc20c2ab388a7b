"""Whether a customer has been contacted: a log that only grows."""
