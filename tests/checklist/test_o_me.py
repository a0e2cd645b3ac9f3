"""Section O of the checklist: /Me (RFC 7644 section 3.11)."""

import pytest

from tests.checklist.asking import user
from tests.web.refusals import refused


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_rfc_227_me_is_not_supported_and_says_so(scim, method):
    refused(scim.send(method, "/Me", user() if method != "GET" else None), 501)
