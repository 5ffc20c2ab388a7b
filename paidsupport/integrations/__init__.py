"""What other systems are called: each a protocol, a real one, and a twin that does nothing."""
