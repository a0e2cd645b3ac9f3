"""Offboarding: one leaver's case and its steps. Imports directory, hexnode, scim and db; sends nothing itself."""
