"""What managers set up in the browser, beside what each capability has of its own."""
