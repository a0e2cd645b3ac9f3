"""Tests of scim_bridge.db."""
