"""Mail that comes in: fetched, kept, read, let into a ticket with proof."""
