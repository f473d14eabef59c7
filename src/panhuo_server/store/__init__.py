"""The only room that writes SQL: the database, tables made from the declared schema, row-level security, sealing.

Invariant: nobody reads or writes a row here but through a role that row-level security binds.
"""
