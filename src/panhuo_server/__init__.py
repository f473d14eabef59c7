"""State, people, time: the part of Panhuo that keeps facts in PostgreSQL and lets organisations share what they agreed.

Invariant: `panhuo` never imports this package. Inside it imports run down: verbs, then api, live and console, then
flows, then accounts, then store.
"""
