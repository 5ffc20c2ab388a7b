"""Lists under a name, personal or shared, beside the parts of the queue."""
