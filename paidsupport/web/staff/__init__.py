"""The pages of the people who work at the desk."""

from paidsupport.web.staff import boilerplate, inbox, moves, outbox, profile, queue, tickets, writing

__all__ = ["boilerplate", "inbox", "moves", "outbox", "profile", "queue", "tickets", "writing"]
