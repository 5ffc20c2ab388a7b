"""The ledger: a digest of every row, chained, so that no change stays hidden."""
