"""The pages of the people who work at the desk."""

from paidsupport.web.staff import boilerplate, moves, outbox, profile, queue, tickets, vault, writing

__all__ = ["boilerplate", "moves", "outbox", "profile", "queue", "tickets", "vault", "writing"]
