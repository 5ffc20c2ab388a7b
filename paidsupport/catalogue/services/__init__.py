"""Services as managers set them up: their drafts, what is published of them, and what was."""
