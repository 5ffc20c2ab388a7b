"""Invoices: drafted from what customers accepted, numbered without gaps."""
