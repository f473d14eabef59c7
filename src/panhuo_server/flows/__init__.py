"""Durable workflows: what happens over days, with people and deadlines."""
