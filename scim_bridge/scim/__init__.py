"""RFC 7643 and RFC 7644 as pure functions on documents (plain dicts): no web, no database, no clock.

Imports nothing of ours outside this package; the only home of scim2_filter_parser (in `filter`).
"""
