"""
An SMTP client library on asyncio: connections, TLS, AUTH, pipelining, DKIM, and the outbox folder.

It knows no ledger, no issue and no reader. Callers hand over envelopes and get an answer for each.
"""
