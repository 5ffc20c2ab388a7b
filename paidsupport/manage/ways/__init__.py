"""The ways to pay: a list that managers keep, for which staff fill in their details."""
