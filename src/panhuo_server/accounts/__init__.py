"""Organisations, people, roles, shares, and the one door through which anybody acts."""
