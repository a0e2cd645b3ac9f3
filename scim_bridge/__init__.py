"""scim-bridge: SCIM 2.0 in, Hexnode UEM out. The parts live in the packages below; nothing is imported here."""
