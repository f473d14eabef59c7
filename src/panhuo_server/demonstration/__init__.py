"""The demonstration: a sample book, organisations around it with people to sign in as, two nights, a console to walk.

Invariant: it is made by the same imports, nights and shares as anybody's data, in a folder and a database of its own.
"""
