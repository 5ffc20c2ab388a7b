"""Personal data in a text: names, numbers, places, and whom they belong to."""
