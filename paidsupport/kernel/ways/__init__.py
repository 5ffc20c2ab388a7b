"""Ways to pay: a list that managers keep, and what each member of staff has filled in for them."""
