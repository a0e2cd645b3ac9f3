"""Tests of scim_bridge.directory."""
