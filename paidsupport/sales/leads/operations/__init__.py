"""Operations on leads: blockers, wishes, offers, and what is built for them."""
