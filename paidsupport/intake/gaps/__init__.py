"""What is asked, page by page, and which documentation is missing."""
