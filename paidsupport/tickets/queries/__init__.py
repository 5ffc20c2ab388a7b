"""Reading tickets: for pages, and as plain values for programs."""
