"""A receiver of notices on this machine: https, with a certificate that only the tests trust."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hexnode.portal import Act, Portal, reply

# Names that the certificate is for, beside 127.0.0.1. RFC 2606: nobody has them.
HOST = "hooks.acme.test"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate and key, made with openssl."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=acme.test -addext"
    command = ["openssl", *made.split(), f"subjectAltName=IP:127.0.0.1,DNS:{HOST}", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@contextmanager
def receiving(cert: Path, key: Path, *acts: Act) -> Iterator[Portal]:
    """A receiver that takes everything, or plays these acts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = Portal(tls=context).then(*(acts or (reply(204),)))
    yield server
    server.shutdown()
    server.server_close()


def url_of(server: Portal, host: str = "127.0.0.1") -> str:
    """Where it takes notices, with something in it that is nobody's business."""
    return f"https://{host}:{server.server_port}/notices?token=hush"
