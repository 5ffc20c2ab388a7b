"""The language in which the desk communicates with the customer of a ticket."""
