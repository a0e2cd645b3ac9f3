"""`scim-bridge policy check`: every fault of the policy with its line, or what it says of each tenant."""

from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "deploy" / "policy.example.toml"
PORTAL = '[portals.acme]\nurl = "acme"\napi_key_env = "ACME_KEY"\n'
TENANT = '[tenants.acme]\nportal = "acme"\n'


@pytest.fixture
def file(tmp_path):
    """Writes the policy and names it, in the working directory."""

    def write(text: str) -> str:
        (tmp_path / "policy.toml").write_text(text, "utf-8")
        return "policy.toml"

    return write


def lines(result):
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def test_a_policy_without_faults_is_shown_by_tenant(cli, file):
    other = '[tenants.other]\nportal = "acme"\nmode = "observe"\nscope.groups = []\n[tenants.other.offboarding]\n'
    path = file(PORTAL + TENANT + other + "on_delete = []\n")
    shown = lines(cli("policy", "check", path, ACME_KEY="k"))
    everyone = [
        "groups none",
        "rules none",
        "exclusive none",
        "protected none",
        "attributes store: standard",
        "name: in the built-in order",
        "email: in the built-in order",
        "phone: in the built-in order",
        "guard holds withdrawals above 50 and 10 % in an hour",
        "holds withdrawals above 150 and 30 % in a day",
        "holds cases above 10 and 1 % in an hour",
        "holds cases above 30 and 5 % in a day",
        "holds devices above 5 and 0.5 % in an hour",
        "holds devices above 20 and 2 % in a day",
        "at most 10 wipes a day, and 5 devices of one person",
        "leavers deactivated: lock, leave_groups",
    ]
    assert shown == [
        *("tenant acme", "portal acme", "mode enforce", "scope *", *everyone),
        *("deleted: lock, leave_groups", "hr webhook none"),
        *("tenant other", "portal acme", "mode observe: all is planned and shown, nothing is sent", "scope none"),
        *(*everyone, "deleted: nothing", "hr webhook none"),
    ]


def test_everything_that_the_example_says_is_shown(cli):
    shown = lines(cli("policy", "check", str(EXAMPLE), ACME_HEXNODE_API_KEY="k"))
    for line in [
        "groups UG_Sales_NA -> Sales North America",
        'rules Engineering laptops: department eq "Engineering" and active eq true -> Engineering',
        "exclusive Engineering",
        "UG_Contractors",
        "protected user break-glass@*",
        "group Kiosks*",
        "device C02-FRONTDESK-*",
        "name: displayName, else name.formatted",
        'phone: phoneNumbers[type eq "mobile"].value',
    ]:
        assert line in shown


def test_a_recipe_is_shown_where_it_is_another_than_without_a_policy(cli, file):
    paths = '[portals.acme.paths]\ndisenroll = "disenroll"\nownership = "ownership"\n'
    steps = '"lock", "hold 1h", "approve", {step = "wipe", platforms = ["iOS", "macOS"]}, "disenroll", "delete_user"'
    recipes = f'[tenants.acme.offboarding]\non_hr_event = [{steps}]\non_offboard = ["lock", "leave_groups"]\n'
    scope_lost = 'on_scope_loss = ["hold 7d", {step = "wipe", ownership = ["personal", "unknown"]}]\n'
    path = file(PORTAL + paths + TENANT + recipes + scope_lost)
    shown = lines(cli("policy", "check", path, ACME_KEY="k"))
    assert shown[shown.index("at most 10 wipes a day, and 5 devices of one person") + 1 :] == [
        "leavers scope lost: hold 7d, wipe (personal and unknown)",
        "deactivated: lock, leave_groups",
        "deleted: lock, leave_groups",
        "hr event: lock, hold 1h, approve, wipe (corporate, ios and macos), disenroll, delete_user",
        "hr webhook none",
    ]


def test_the_hr_webhook_is_shown_without_its_secrets(cli, file):
    secret = "whsec_" + "c2VjcmV0" * 4
    path = file(PORTAL + TENANT + '[tenants.acme.hr]\nsecrets_env = ["HR"]\nurgent_per_day = 3\n')
    result = cli("policy", "check", path, ACME_KEY="k", HR=secret)
    assert lines(result)[-1] == "hr webhook 1 secret, 3 urgent events a day"
    assert secret not in result.output


def test_every_fault_is_named_with_its_file_and_line_and_nothing_is_shown(fault, file):
    path = file(PORTAL + TENANT + 'mode = "on"\nrules = [\n  {name = "a", when = "title", group = "A"},\n]\n')
    said = fault("policy", "check", path, ACME_KEY="k")
    assert [line.strip() for line in said.splitlines()] == [
        'policy.toml:6: tenants.acme.mode: must be "enforce" or "observe".',
        "policy.toml:8: tenants.acme.rules[1].when: The filter is malformed.",
    ]


def test_a_key_that_is_not_set_here_is_said_apart_from_what_the_file_says(cli, file):
    result = cli("policy", "check", file(PORTAL + TENANT))
    assert result.exit_code == 1
    assert result.stdout.startswith("tenant acme\n")
    assert result.stderr == "Error: policy.toml:3: portals.acme.api_key_env: ACME_KEY is not set here.\n"


def test_a_key_that_is_not_set_comes_after_the_faults_of_the_file(fault, file):
    said = fault("policy", "check", file(PORTAL + TENANT + "colour = 1\n"))
    assert [line.split(": ")[1] for line in said.splitlines()] == ["tenants.acme.colour", "portals.acme.api_key_env"]


def test_the_key_is_never_shown(cli, file):
    path = file(PORTAL + TENANT)
    assert "hush" not in cli("policy", "check", path, ACME_KEY="hush").output
    assert "kéy" not in cli("policy", "check", path, ACME_KEY="kéy").output


def test_without_a_file_the_policy_of_the_settings_is_checked(cli, file):
    path = file(PORTAL + TENANT)
    assert lines(cli("policy", "check", SCIM_BRIDGE_POLICY=path, ACME_KEY="k"))[0] == "tenant acme"


def test_a_file_that_is_named_counts_before_the_settings(cli, file, tmp_path):
    (tmp_path / "other.toml").write_text("tenants = 1")
    result = cli("policy", "check", file(PORTAL + TENANT), SCIM_BRIDGE_POLICY="other.toml", ACME_KEY="k")
    assert lines(result)[0] == "tenant acme"


def test_without_any_policy_the_one_tenant_of_the_environment_is_shown(cli):
    assert lines(cli("policy", "check"))[:2] == ["tenant default", "portal default"]


@pytest.mark.parametrize(
    "content", [b"", b"[tenants", b"\xff\xfe", b"a = '\x00'", b"a = " + b"[" * 9_000, b"a = " + b"9" * 9_000, b"\r"]
)
def test_what_is_no_policy_is_one_fault_and_never_a_traceback(fault, tmp_path, content):
    (tmp_path / "policy.toml").write_bytes(content)
    said = fault("policy", "check", "policy.toml")
    assert "policy.toml" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("path", ["missing.toml", ".", "a" * 300, "\udcff.toml"])
def test_a_file_that_cannot_be_read_is_one_fault(fault, path):
    said = fault("policy", "check", path)
    assert "cannot be read" in said
    assert len(said.splitlines()) == 1


def test_names_that_would_move_the_cursor_are_shown_without_it(cli, file):
    path = file(PORTAL + TENANT + 'scope.groups = ["a\\u001b[2J"]\n')
    assert "scope a?[2J" in lines(cli("policy", "check", path, ACME_KEY="k"))


def test_no_database_is_made_or_needed(cli, file, tmp_path):
    path = file(PORTAL + TENANT)
    assert cli("policy", "check", path, ACME_KEY="k", SCIM_BRIDGE_DATABASE_URL="sqlite:///no/such.db").exit_code == 0
    assert not list(tmp_path.glob("*.db"))
