"""
Bytes become mail: claims from the ledger, handed to a transport, journaled, recorded.

Knows no template, no newsletter, no story: what to send comes from `make`.
"""
