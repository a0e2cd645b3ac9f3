"""Where a portal's API is: the base URL made from whatever form of the portal's name people have at hand."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

API_PATH = "/api/v1"
PORTAL_DOMAIN = "hexnodemdm.com"

_BARE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)


def portal_base_url(text: str) -> str:
    """`https://<host>/api/v1/` for a bare portal name, a host, or a URL (hexnode-api.md section 2).

    A path is kept only when it already ends in `/api/v1`; any other (a console page, say) is dropped.
    Raises ValueError with a sentence for the operator; it never repeats a password from the text.
    """
    name = text.strip()
    if _BARE_NAME.fullmatch(name) and not _is_loopback(name):
        name = f"{name}.{PORTAL_DOMAIN}"
    url = _split(name if "://" in name else f"https://{name}")
    if url.scheme == "http" and not _is_loopback(url.hostname or ""):
        raise ValueError("The portal's address must begin with https://; plain http is only for this machine.")
    path = url.path.rstrip("/")
    return f"{url.scheme}://{url.netloc.lower()}{path if path.endswith(API_PATH) else API_PATH}/"


def _split(text: str) -> SplitResult:
    """The parts of a URL that is safe to send a key to."""
    if not text.isprintable():  # line ends and tabs would vanish in urlsplit without a word
        raise ValueError("The portal's address cannot be read: it contains a line end or a control sign.")
    try:
        url = urlsplit(text)
        host, _port = url.hostname or "", url.port
    except ValueError:
        raise ValueError("The portal's address cannot be read: check its host and port.") from None
    if url.scheme not in ("http", "https"):
        raise ValueError("The portal's address must begin with https://.")
    if "@" in url.netloc:
        raise ValueError("The portal's address must not contain a user name or password.")
    if not (_HOST.fullmatch(host) or _is_loopback(host)):
        raise ValueError("The portal's address has no readable host; give a portal name, a host or a URL.")
    return url


def _is_loopback(host: str) -> bool:
    """Whether the host can only be this machine: the simulator's home."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
