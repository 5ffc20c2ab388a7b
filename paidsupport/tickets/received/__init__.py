"""Mail that came in: the bytes as they arrived, and what has become of them."""
