"""Commands of the operator. What they take is in here; what they do is in the rooms it belongs to."""
