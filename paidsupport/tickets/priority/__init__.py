"""How urgent a ticket is."""
