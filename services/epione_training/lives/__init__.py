"""The language model of a life: what happens to a person next, and when."""
