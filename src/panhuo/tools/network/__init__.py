"""Rings and exposure in directed graphs."""
