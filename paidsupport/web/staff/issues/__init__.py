"""The pages of issues for the people of the desk."""

from paidsupport.web.staff.issues import gaps, lists, pages

__all__ = ["gaps", "lists", "pages"]
