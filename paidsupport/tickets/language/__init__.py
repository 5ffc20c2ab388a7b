"""In which language the customer of a ticket is spoken to."""
