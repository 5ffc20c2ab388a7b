"""The providers of payments as managers set them up."""
