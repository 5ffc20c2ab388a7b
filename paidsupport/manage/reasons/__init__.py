"""The reasons for which tickets and issues end: a list for each transition that asks for one."""
