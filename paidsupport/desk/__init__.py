"""The verbs: in which order things happen, and what is remembered of them.

A verb takes a `Visit` (a session, who acts, and when), flushes, and never commits: edges do.
"""
