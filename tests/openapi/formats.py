"""The formats of strings that `openapi.yaml` names and JSON Schema does not know, as strategies."""

import json
from typing import Final

import schemathesis
from hypothesis import strategies as st

# Users and groups both have these, so a filter is right at every address.
_TEXTS: Final = ("id", "externalId", "displayName", "DISPLAYNAME", "meta.resourceType")
_MOMENTS: Final = ("meta.created", "META.lastModified")
_PARTS: Final = ("eq", "ne", "co", "sw", "ew", "EQ")
_ORDERS: Final = ("eq", "ne", "gt", "ge", "lt", "le")
_LITERAL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).map(json.dumps)
_MOMENT = st.sampled_from(('"2026-01-05T08:00:00Z"', '"2020-02-29T23:59:59.999+02:00"'))
_PATHS: Final = (
    "displayName",
    "externalId",
    "userName",
    "active",
    "name.givenName",
    "emails",
    'emails[type eq "work"].value',
    "addresses[primary eq true]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "members",
    'members[value eq "5c0d7d0e-0b44-4c53-9f60-0f7a1b8a52e1"]',
    "groups",
    "meta.created",
    "shoeSize",
)


def register() -> None:
    """Tell schemathesis how strings of these formats are made."""
    schemathesis.openapi.format("scim-filter", filters())
    schemathesis.openapi.format("scim-attribute", st.sampled_from((*_TEXTS, *_MOMENTS)))
    schemathesis.openapi.format("scim-path", st.sampled_from(_PATHS))
    # Any other cursor is one that the server gave; the links of the description lead there.
    schemathesis.openapi.format("scim-cursor", st.just(""))


def filters() -> st.SearchStrategy[str]:
    """Filters that are understood at every address."""
    clause = st.one_of(
        st.builds("{} {} {}".format, st.sampled_from(_TEXTS), st.sampled_from(_PARTS), _LITERAL),
        st.builds("{} {} {}".format, st.sampled_from(_MOMENTS), st.sampled_from(_ORDERS), _MOMENT),
        st.sampled_from(("displayName pr", "externalId eq null", "meta.created ne null")),
    )
    return st.recursive(
        clause,
        lambda inner: st.one_of(
            st.builds("{} and {}".format, inner, inner),
            st.builds("{} or {}".format, inner, inner),
            inner.map("not ({})".format),
        ),
        max_leaves=4,
    )
