"""The checklist of all services, as managers edit it: items with their evidence, and traits."""
