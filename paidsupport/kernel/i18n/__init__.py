"""Texts in the language of whoever reads them. The English text is the source, and the name of a message."""
