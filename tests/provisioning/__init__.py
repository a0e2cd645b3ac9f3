"""Tests of scim_bridge.provisioning."""
