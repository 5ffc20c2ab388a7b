"""What makes a service: its questions, checklist and deadlines, and which of them are faulty."""
