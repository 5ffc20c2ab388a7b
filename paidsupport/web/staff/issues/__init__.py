"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import analysis, gaps, lists, pages, steps

__all__ = ["analysis", "gaps", "lists", "pages", "steps"]
