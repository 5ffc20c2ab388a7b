"""Lists under a name, personal or shared."""
