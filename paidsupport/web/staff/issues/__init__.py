"""The pages of issues for the people of the desk."""
