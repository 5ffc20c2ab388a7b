"""The roster: who is on duty when, who is away, and who stands in for whom."""
