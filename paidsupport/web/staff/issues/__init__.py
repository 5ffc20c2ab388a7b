"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import drafting, gaps, lists, pages, releases, resolution, reviewing, work

__all__ = ["drafting", "gaps", "lists", "pages", "releases", "resolution", "reviewing", "work"]
