"""待办: what waits for whoever looks."""
