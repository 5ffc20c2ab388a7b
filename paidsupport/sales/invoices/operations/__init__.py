"""Operations on invoices: drafting, issuing, telling the customer; and what is known about them."""
