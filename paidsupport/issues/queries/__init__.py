"""Queries for issues: lists, analysis, work, reviews."""
