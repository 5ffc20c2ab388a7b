"""Merchants, banks and operators: their records, contacts and tickets."""
