"""Webhooks: deliveries are rows first, requests after."""
