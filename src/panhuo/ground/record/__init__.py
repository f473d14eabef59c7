"""Column types, canonical bytes, hashes, `Outcome`, the error family."""
