"""How customers rate the work once it is done (P20)."""
