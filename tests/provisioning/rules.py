"""Rules of a policy, from the text of their filters."""

from scim_bridge.provisioning.policy import Rule
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.resources import USER_TYPE


def rule(groupname: str, when: str, name: str | None = None) -> Rule:
    """Whom the filter `when` describes belongs in the Hexnode group."""
    return Rule(name or groupname, parse(when, USER_TYPE), when, groupname)
