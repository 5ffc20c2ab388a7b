"""Telling staff what concerns them: at once, as a digest, in the page."""
