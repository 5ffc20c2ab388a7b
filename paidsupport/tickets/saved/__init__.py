"""Saved views: lists with a name, personal or shared, beside the parts of the queue."""
