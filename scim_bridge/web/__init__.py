"""The web side: Flask, the SCIM views, authentication, errors, health. Imports provisioning, directory, scim and db.

Makes no call to Hexnode: the IdP gets its answer whatever Hexnode does.
"""
