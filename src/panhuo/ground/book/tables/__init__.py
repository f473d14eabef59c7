"""The declared tables, one file a family."""
