"""Texts in the reader's language. The English text is the source, and the name of a message."""
