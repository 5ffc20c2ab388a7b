"""Documentation gaps: what is asked, by page and question, and what is missing."""
