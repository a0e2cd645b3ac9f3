"""Users who were at Hexnode before: adopted where they are ours to edit, otherwise left as they are."""

from tests.delivery.trouble import ada_joins_sales

ADA = {"name": "Ada", "email": "ada@acme.test", "phoneno": None}


def test_a_directory_managed_user_is_placed_and_locked_but_never_edited(built):
    there = built.control("POST", "users", {"name": "A", "email": "ada@acme.test", "domain": "acme.onmicrosoft.com"})
    user_id, _ = ada_joins_sales(built)
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "displayName", "value": "Ada L."})
    built.deliver()
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    built.deliver()
    assert [call["body"]["users"] for call in built.calls("POST", "actions/")] == [[there["id"]]]
    assert built.calls("PUT") == built.calls("POST", "users/") == []


def test_the_default_user_is_never_touched(built):
    built.control("POST", "devices", {})
    user_id = built.scim.user("default@acme.test", displayName="Default User")
    group_id = built.scim.group("Sales", user_id)
    built.deliver()
    built.scim.send("DELETE", f"/Groups/{group_id}")
    built.scim.send("DELETE", f"/Users/{user_id}")
    built.deliver()
    told = built.told()
    assert not any(path.startswith("users/1/") for _, path, _ in told)
    targets = [body.get(name, []) for _, _, body in told if isinstance(body, dict) for name in ("users", "add_users")]
    assert targets
    assert not any(1 in ids for ids in targets)
    assert built.effects("device") == []


def test_adopting_a_user_costs_no_creation_and_keeps_the_phone_of_the_console(built):
    built.control("POST", "users", {"name": "A. Lovelace", "email": "Ada@Acme.test", "phoneno": "+15550100"})
    ada_joins_sales(built)
    built.deliver()
    assert built.calls("POST", "users/") == []
    assert [call["body"] for call in built.calls("PUT", "users/2/")] == [{**ADA, "phoneno": "+15550100"}]
    assert built.portal.users[2].phoneno == "+15550100"


def test_an_adopted_user_in_step_with_the_directory_is_not_edited(built):
    built.control("POST", "users", {"name": "Ada", "email": "ada@acme.test", "phoneno": "+15550100"})
    ada_joins_sales(built)
    built.deliver()
    assert built.calls("PUT") == []
