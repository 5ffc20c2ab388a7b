"""Merchants, banks and operators: who they are, who speaks for them, what is theirs."""
