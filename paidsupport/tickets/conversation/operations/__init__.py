"""Writing to the customer, annotations, files, canned replies, tone."""
