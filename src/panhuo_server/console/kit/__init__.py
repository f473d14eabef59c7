"""The page that shows every piece once, in every state, for whoever builds another page."""
