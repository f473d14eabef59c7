"""Verbs that need the server, found through entry points, so that the library never imports them."""
