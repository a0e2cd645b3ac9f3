"""Tests mirror the source; `conversations/` holds what IdPs send, `journeys/` goes from SCIM to Hexnode's ledger."""
