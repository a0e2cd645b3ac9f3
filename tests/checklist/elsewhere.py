"""The numbers of the checklist that are no test here, each with the reason, or with the place that shows it."""

from collections.abc import Mapping
from types import MappingProxyType

ELSEWHERE: Mapping[int, str] = MappingProxyType(
    {
        1: "TLS ends at the proxy in front (README, connecting a real portal); IdPs accept no other address",
        9: "A token may do everything in its tenant and nothing outside it, so nothing is ever 403 for want of rights",
        127: "Sort is supported: 125 and 126",
        220: "Bulk is supported: 209 to 219",
        228: "/Me is not supported: 227",
        235: "There is no 429 yet; for 503 it is shown in tests/web/test_errors.py::"
        "test_a_read_only_database_is_503_and_nothing_is_acknowledged",
        250: "tests/web/test_server.py::test_an_address_with_a_person_in_it_is_not_logged",
    }
)
