"""Forward-only changes of the database, each a frozen text beside its number."""
