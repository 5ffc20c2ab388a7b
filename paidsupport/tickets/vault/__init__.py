"""Ways into the customer's server: sealed, looked at by the owner, destroyed."""
