"""
The database: the only package that contains SQL.

One module a noun; functions take a session, never commit, and hand out complete, detached
rows or frozen values. `engine` opens transactions, `schema` runs migrations.
"""
