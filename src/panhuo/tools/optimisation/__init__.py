"""Choosing, assigning, splitting, with proof of the gap."""
