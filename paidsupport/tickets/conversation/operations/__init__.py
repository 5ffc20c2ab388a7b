"""Writing to the customer, annotating, files, boilerplate, tone."""
