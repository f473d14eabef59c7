"""What things are, what happened, what the law says."""
