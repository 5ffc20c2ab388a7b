"""What is said: messages with the customer, and annotations among staff."""
