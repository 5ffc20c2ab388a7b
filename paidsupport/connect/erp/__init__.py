"""ERPs of a site: its customer records, leads and drafts of invoices are kept there too (P17, T8, T19)."""
