"""The verbs of issues: analysis, action, review, resolution (rows T3-T20).

Every verb begins with `access.lock`, which finds a private issue only for who may see it.
"""
