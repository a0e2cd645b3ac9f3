"""Journeys through the real commands as real processes: SCIM over HTTP in, the simulator's ledger out."""
