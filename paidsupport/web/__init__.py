"""The pages: thin views over the operations."""
