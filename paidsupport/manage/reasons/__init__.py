"""The reasons for which tickets end: a list for each transition that asks for one."""
