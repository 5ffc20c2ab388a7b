"""How tickets reached the desk: by mail, by phone, by form."""
