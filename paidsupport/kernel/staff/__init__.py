"""Who works at the desk: people, roles, the tokens of their programs."""
