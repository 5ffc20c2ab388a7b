"""The pages of news, and of what somebody wants to be told."""
