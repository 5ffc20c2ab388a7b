"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import drafting, filing, gaps, lists, pages, reviewing, work

__all__ = ["drafting", "filing", "gaps", "lists", "pages", "reviewing", "work"]
