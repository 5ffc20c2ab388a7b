"""How tickets came: by mail, by phone, by form."""
