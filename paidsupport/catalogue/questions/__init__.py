"""The questions of a service, as managers edit them: each is a row with a form of its own."""
