"""How a ticket that nobody takes climbs, along the roster and up to the managers."""
