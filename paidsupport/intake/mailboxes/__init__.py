"""The mailboxes that managers enter, beside those that are configured."""
