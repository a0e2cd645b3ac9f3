"""`scim-bridge demo`."""

import click


@click.command()
@click.option("--stay", is_flag=True, help="Leave it running, with addresses and a token printed.")
def demo(stay: bool) -> None:
    """placeholder"""
