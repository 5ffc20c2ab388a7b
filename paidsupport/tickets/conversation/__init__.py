"""The conversation: messages with the customer, and annotations among staff."""
