"""Work on the customer's server: the checklist, and the log of what was done."""
