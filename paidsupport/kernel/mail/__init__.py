"""Mail, whatever it is about: transports, and how programs mark what they send."""
