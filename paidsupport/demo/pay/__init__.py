"""Stand-ins for providers of payments: servers of our own that answer as these do, for tests and the demo."""
