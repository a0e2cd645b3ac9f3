"""`scim-bridge token`: the bearer tokens that IdPs are given."""

from datetime import timedelta

import click

from scim_bridge import bootstrap
from scim_bridge.clock import utc_now
from scim_bridge.db import migrate
from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import tokens


@click.group()
def token() -> None:
    """Make, list and revoke the tokens that your identity provider sends."""


@token.command()
@click.argument("tenant")
@click.option("--label", required=True, help="What it is for, e.g. okta-production.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 1095), help="How long it lives.")
def create(tenant: str, label: str, days: int) -> None:
    """Print a new token for TENANT, once: only its hash is kept.

    Without a policy file the one tenant is called `default`.
    """
    built = bootstrap.bridge()
    if tenant not in built.policy.tenants:
        known = ", ".join(sorted(built.policy.tenants))
        raise click.ClickException(f"There is no tenant {tenant} in the policy; it has: {known}.")
    migrate.upgrade(built.engine)
    with writing(built.engine) as connection:
        click.echo(tokens.create(connection, tenant, label, utc_now(), timedelta(days=days)))


@token.command("list")
def list_() -> None:
    """Show all tokens, never the tokens themselves."""
    with reading(bootstrap.database(old=True)) as connection:
        for known in tokens.every(connection):
            state = f"revoked {known.revoked_at:%Y-%m-%d}" if known.revoked_at else f"until {known.expires_at:%Y-%m-%d}"
            click.echo(f"{known.id}  {known.tenant}  {known.label}  made {known.created_at:%Y-%m-%d}  {state}")


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End the token with this TOKEN_ID (first column of `token list`) at once."""
    with writing(bootstrap.database(old=True)) as connection:
        if not tokens.revoke(connection, token_id, utc_now()):
            raise click.ClickException(f"There is no live token {token_id}; `scim-bridge token list` shows them.")
    click.echo(f"Token {token_id} is revoked.")
