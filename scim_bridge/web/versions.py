"""Versions that a request demands (RFC 7644 section 3.14)."""

from sqlalchemy import Connection

from scim_bridge.directory.model import Resource
from scim_bridge.scim.errors import precondition_failed
from scim_bridge.web.answers import is_same_version
from scim_bridge.web.context import Case
from scim_bridge.web.shown import current_etag


def check_version(connection: Connection, case: Case, resource: Resource) -> None:
    """Before a write: raise 412 when a version is demanded that the resource does not have, or excluded that it has
    (RFC 9110 section 13.1). IdPs never do either."""
    if case.if_match is None and case.if_none_match is None:
        return
    etag = current_etag(connection, resource)
    if case.if_match is not None and not is_same_version(case.if_match, etag):
        raise precondition_failed("The resource has been changed: read it again.")
    if is_same_version(case.if_none_match, etag):
        raise precondition_failed("The resource exists in this version.")
