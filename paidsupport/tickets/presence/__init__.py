"""Who else has a ticket open just now, and who is writing on it."""
