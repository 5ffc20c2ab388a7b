"""The paid desk: what is ordered, claimed, talked about and closed."""
