"""Phone calls, recorded during the call."""
