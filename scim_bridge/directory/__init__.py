"""The directory: SCIM Users, Groups, memberships and the tenants' tokens, as rows. Imports scim and db.

Functions take a Connection first and give values; whoever starts the use case opens and commits the transaction.
"""
