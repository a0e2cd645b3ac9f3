"""What a 429 says: the vendor's wording (hexnode-api.md section 4) and the forms that section 13 row 25 leaves open."""

import math
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.refusal import Page, Refused

WORDING = "Request was throttled. Expected available in {:.1f} seconds."
TRANSLATED = "Die Anfrage wurde gedrosselt. Erneut verfügbar in {:.1f} Sekunden."  # section 2, Accept-Language


def throttled(portal: Portal, seconds: float) -> Refused:
    """429 that asks for so many seconds, rounded up so that obeying it is enough."""
    wait = math.ceil(seconds)
    bodies: dict[str, Any] = {
        "json": {"detail": WORDING.format(wait)},
        "translated": {"detail": TRANSLATED.format(wait)},
        "html": Page,
        "empty": None,
    }
    return Refused(429, bodies[portal.switches.throttle_body], _headers(portal, wait))


def _headers(portal: Portal, wait: int) -> dict[str, str]:
    if not portal.switches.retry_after:
        return {}
    now = portal.now().replace(microsecond=0)
    end = now + timedelta(seconds=wait + 1)  # a second more for what is cut off here
    forms = {
        "seconds": {"Retry-After": str(wait)},
        "float": {"Retry-After": f"{wait:.1f}"},
        "date": {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(end, usegmt=True)},
    }
    return forms[portal.switches.retry_after_form]
