"""Privacy by law: how long records are kept, and when a person may be forgotten."""
