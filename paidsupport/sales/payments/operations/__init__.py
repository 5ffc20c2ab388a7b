"""What happens to payments: begun, asked about, settled, refunded; and what is noted by hand."""
