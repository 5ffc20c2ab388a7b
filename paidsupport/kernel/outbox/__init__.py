"""What leaves the desk: emails, notifications, requests to the webhook."""
