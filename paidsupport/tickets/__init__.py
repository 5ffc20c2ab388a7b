"""The paid desk: tickets from order to close."""
