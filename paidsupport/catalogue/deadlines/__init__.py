"""Editing the deadlines that a workflow has for all services without their own."""
