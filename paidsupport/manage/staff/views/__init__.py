"""The pages on which managers look after the staff."""
