"""Journeys: from a SCIM request over HTTP to the ledger of the simulated Hexnode."""
