"""Delivery: makes observed equal desired, one call after the other. Imports provisioning, offboarding, hexnode and db.

The driver holds a portal's lease, asks `choose` for the most urgent call, writes the journal, sends, and notes the
outcome. No transaction is open while a socket is.
"""
