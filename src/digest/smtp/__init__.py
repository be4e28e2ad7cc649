"""
An SMTP client library on asyncio: connections, TLS, AUTH, pipelining, DKIM, and the outbox folder.

It is independent of ledger, issues and readers: callers hand over envelopes and get an answer for each.
"""
