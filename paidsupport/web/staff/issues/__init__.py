"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import analysis, lists, pages, steps

__all__ = ["analysis", "lists", "pages", "steps"]
