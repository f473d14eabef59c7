"""Data quality of a book: by table and column, and between tables."""
