"""What can be ordered: services, their requirements, questions and checklists."""
