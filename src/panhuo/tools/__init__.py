"""What several stages need, and what stands alone with only a table."""
