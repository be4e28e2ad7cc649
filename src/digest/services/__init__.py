"""
Use cases: everything that a person or a program can do to the system, one module a noun.

A use case is one typed function. It takes the context and plain arguments, opens the transaction,
decides with pure functions, stores, and returns a value. Only here do the rooms meet and
transactions open; the command line, the pages and what runs by itself call these functions alike.
"""
