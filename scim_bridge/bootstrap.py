"""The one place where the parts are built and joined. Knows everything below it; decides nothing."""

import logging
import os
import secrets
import socket
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine

from scim_bridge import config
from scim_bridge.clock import utc_now
from scim_bridge.config import Settings, SettingsError
from scim_bridge.db.engine import connect
from scim_bridge.delivery.driver import Drive, Driver
from scim_bridge.delivery.notice_post import post
from scim_bridge.delivery.notices import Notifier, Notify
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.provisioning import policy_file, recompute
from scim_bridge.provisioning.policy import Policy, PortalPolicy
from scim_bridge.web.app import create_app
from scim_bridge.web.context import Parts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Bridge:
    """Settings, policy and database, joined."""

    settings: Settings
    policy: Policy
    engine: Engine


def bridge(*, old: bool = False) -> Bridge:
    """From the environment; `old` demands that the database is there already. Raises SettingsError with every fault."""
    settings = config.read()
    return Bridge(settings, policy_file.load(settings), _connect(settings.database_url, old=old))


def database(*, old: bool = False) -> Engine:
    """The database alone, for commands that need no policy. Raises SettingsError."""
    return _connect(config.read().database_url, old=old)


def web_app() -> "WSGIApplication":
    """The WSGI application."""
    log_json()
    built = bridge()
    settings = built.settings
    return create_app(Parts(built.engine, built.policy, utc_now, settings.public_url, settings.scan_seconds))


def drivers(built: Bridge) -> list[Driver]:
    """One driver for each portal that has a tenant."""
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"
    used = {tenant.portal for tenant in built.policy.tenants.values()}
    return [_driver(built, built.policy.portals[name], holder) for name in sorted(used)]


def notifier(built: Bridge) -> Notifier:
    """What posts the notices of all tenants."""
    settings = built.settings
    posting = partial(post, may_be_private=settings.notify_private)
    return Notifier(Notify(built.engine, built.policy, utc_now, posting, settings.stop_file))


def apply_policy(built: Bridge) -> None:
    """Bring the desired side in line with each tenant's policy, where that has changed since it was last applied. A
    tenant that the policy names no more is left as it is."""
    for tenant in built.policy.tenants.values():
        if recompute.if_changed(built.engine, tenant, utc_now()):
            structlog.get_logger().info("policy.applied", tenant=tenant.name)


def log_json() -> None:
    """Log lines as JSON on standard output, info and above."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )


def _connect(url: str, *, old: bool) -> Engine:
    """SQLite makes a missing file by itself, which a command that only looks must not."""
    path, _, name = url.partition(":///")
    if old and path == "sqlite" and Path(name).parent.is_dir() and not Path(name).exists():
        remedy = "run `scim-bridge db upgrade`, or `scim-bridge serve`"
        raise SettingsError([f"The database has not been set up (there is no {name}): {remedy}."])
    return connect(url)


def _driver(built: Bridge, portal: PortalPolicy, holder: str) -> Driver:
    address = PortalAddress(portal.url, portal.api_key, portal.page_size)
    return Driver(
        Drive(
            engine=built.engine,
            policy=built.policy,
            portal=portal,
            client=Client(Transport(address), portal.paths.ownership),
            clock=utc_now,
            holder=holder,
            lease_life=timedelta(seconds=built.settings.lease_seconds),
            keys=built.settings.encryption_keys,
            stop_file=built.settings.stop_file,
            witness_file=built.settings.witness_file,
        )
    )
