"""Tests of the web side: each module of scim_bridge/web, the catalogue of bad inputs, and many requests at once."""
