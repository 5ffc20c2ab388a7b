"""Who else has a ticket open right now, and who is writing on it."""
