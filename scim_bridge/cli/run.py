"""`scim-bridge serve`, `web` and `worker`: the long-running processes. SIGTERM ends each gently."""

import socket
import threading
import time
from collections.abc import Callable

import click
from sqlalchemy.engine import make_url

from scim_bridge import bootstrap
from scim_bridge.cli import signals
from scim_bridge.cli.supervise import supervise
from scim_bridge.db import migrate
from scim_bridge.delivery.driver import Driver
from scim_bridge.delivery.notices import Notifier
from scim_bridge.web.server import WebServer

_BIND = click.option(
    "--bind", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT", help="Where to listen for SCIM."
)


@click.command()
@_BIND
def serve(bind: str) -> None:
    """Run everything: the SCIM web server and the worker that drives Hexnode.

    Creates or updates the database first. TLS is your proxy's work: IdPs accept only https.
    """
    _check_bind(bind)
    built = bootstrap.bridge()
    migrate.upgrade(built.engine)
    built.engine.dispose()
    click.echo(f"SCIM base URL: {built.settings.public_url or 'http://' + bind}/scim/v2", err=True)
    raise SystemExit(supervise({"web": ("web", "--bind", bind), "worker": ("worker",)}))


@click.command()
@_BIND
def web(bind: str) -> None:
    """Run the SCIM web server alone. Several may run; `scim-bridge db upgrade` comes first."""
    _check_bind(bind)
    _check_schema(bootstrap.bridge())
    WebServer(bind, bootstrap.web_app).run()


@click.command()
def worker() -> None:
    """Run the worker alone: it drives each portal. Several may run; one drives, the others stand by."""
    bootstrap.log_json()
    built = bootstrap.bridge()
    _check_schema(built)
    bootstrap.apply_policy(built)
    if _drive(built, signals.told_to_end()):
        raise click.ClickException("A driver stopped on an unforeseen fault; it is in the log.")


def _drive(built: bootstrap.Bridge, told_to_end: Callable[[], bool]) -> bool:
    """Run all drivers and the notifier side by side until told to end; True when one of them failed, which ends the
    others."""
    stop, failed = threading.Event(), threading.Event()

    def run(part: Driver | Notifier) -> None:
        try:
            part.run(stop)
        except BaseException:
            failed.set()
            raise

    parts = (*bootstrap.drivers(built), bootstrap.notifier(built))
    threads = [threading.Thread(target=run, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    while not told_to_end() and not failed.is_set():
        time.sleep(signals.LOOK_EVERY)
    stop.set()
    for thread in threads:
        thread.join()
    return failed.is_set()


def _check_bind(bind: str) -> None:
    """A clear sentence for a malformed address or a port in use, before anything is started."""
    host, colon, port = bind.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise click.ClickException(f"--bind {bind} is not HOST:PORT, e.g. 127.0.0.1:8080.")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {bind}: {error.strerror}. Choose another --bind.") from error


def _check_schema(built: bootstrap.Bridge) -> None:
    current = migrate.is_current(built.engine)
    built.engine.dispose()  # no connection may be carried over a fork
    if not current:
        where = make_url(built.settings.database_url).render_as_string(hide_password=True)
        raise click.ClickException(f"The database {where} has another schema: run `scim-bridge db upgrade` first.")
