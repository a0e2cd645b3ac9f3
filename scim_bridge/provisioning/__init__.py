"""Provisioning: the policy, and from it the desired side. Imports offboarding, directory, scim and db; calls nobody."""
