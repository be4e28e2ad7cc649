"""
Delivery: claims from the ledger are handed to a transport, journaled and recorded.

Knows no template, no newsletter, no story: what to send comes from `make`.
"""
