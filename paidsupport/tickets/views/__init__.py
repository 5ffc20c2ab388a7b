"""The pages of a ticket, for staff and for its customer."""
