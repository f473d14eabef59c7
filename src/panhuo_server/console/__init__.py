"""The console: pages for people, made on the server from a few pieces, in Chinese and English.

Invariant: a page shows what a night sealed or what the store holds, and judges nothing; every derived number opens.
"""
