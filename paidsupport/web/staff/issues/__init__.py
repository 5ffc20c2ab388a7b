"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import lists, pages

__all__ = ["lists", "pages"]
