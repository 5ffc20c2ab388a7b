"""The desk's own rules of tone, in plain words, which managers write."""
