"""Other programs: the JSON API and the webhook."""
