"""信贷台账: what was lent and how it stands."""
