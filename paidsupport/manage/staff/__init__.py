"""The staff as managers see them: who works here, who is invited, and how someone leaves."""
