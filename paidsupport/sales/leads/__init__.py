"""Leads: potential customers, their blockers, wishes and offers."""
