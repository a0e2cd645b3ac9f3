"""Tests of scim_bridge.offboarding."""
