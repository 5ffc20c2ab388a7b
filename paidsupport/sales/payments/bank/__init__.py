"""Bank transfers: what customers are told, statements of the bank, and what belongs to which ticket (P16)."""
