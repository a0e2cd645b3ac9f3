"""`scim-bridge`: the commands joined, and every expected failure as one clear sentence instead of a traceback."""

from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from scim_bridge.cli.apply import apply
from scim_bridge.cli.database import db
from scim_bridge.cli.demo import demo
from scim_bridge.cli.doctor import doctor
from scim_bridge.cli.offboard import offboard
from scim_bridge.cli.offboarding import offboarding
from scim_bridge.cli.people import explain, user
from scim_bridge.cli.plan import plan
from scim_bridge.cli.policy import policy
from scim_bridge.cli.policy_apply import apply_policy
from scim_bridge.cli.release import release
from scim_bridge.cli.run import serve, web, worker
from scim_bridge.cli.simulator import simulator
from scim_bridge.cli.status import status
from scim_bridge.cli.stop import resume, stop
from scim_bridge.cli.survey import survey
from scim_bridge.cli.tokens import token
from scim_bridge.config import SettingsError
from scim_bridge.db.migrate import SchemaTooNewError


class _Sentences(click.Group):
    """A group whose commands end in sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException("\n       ".join(error.faults)) from error
        except SchemaTooNewError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(_database_sentence(error)) from error


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scim-bridge")
def main() -> None:
    """SCIM 2.0 from Okta and Entra in, Hexnode UEM out.

    Try it without any account: scim-bridge demo. For real use, point SCIM_BRIDGE_HEXNODE_URL and
    SCIM_BRIDGE_HEXNODE_API_KEY at your portal, make a token with `scim-bridge token create default --label okta`,
    and start `scim-bridge serve --bind 127.0.0.1:8080` behind your TLS proxy.
    """


for _command in (serve, web, worker, token, db, policy):
    main.add_command(_command)
for _command in (status, plan, apply, release, survey, user, simulator, demo):
    main.add_command(_command)
for _command in (offboard, offboarding, stop, resume, doctor):
    main.add_command(_command)
for _command in (explain, apply_policy):
    policy.add_command(_command)


def _database_sentence(error: DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if "no such table" in reason or ("relation" in reason and "does not exist" in reason):
        return f"The database has not been set up ({reason}): run `scim-bridge db upgrade`, or `scim-bridge serve`."
    if "database is locked" in reason:
        return "The database is locked: another process is writing to it for too long. Try again when that has ended."
    return (
        f"The database cannot be used: {reason}. "
        "Check SCIM_BRIDGE_DATABASE_URL, the rights on the file, or that the server runs."
    )
