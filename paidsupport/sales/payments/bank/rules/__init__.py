"""References, payloads of QR codes, and which ticket a bank line is for: no database, no network."""
