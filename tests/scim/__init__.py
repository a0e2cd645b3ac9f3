"""Tests of scim_bridge.scim."""
