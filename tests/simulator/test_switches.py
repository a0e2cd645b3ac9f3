"""The switches, apart from what each does: that is in `test_rows` and beside the rule it turns."""

from dataclasses import asdict, fields

import pytest

from scim_bridge.simulator.switches import Switches, changed, described


def test_every_switch_is_listed_with_its_row_its_value_its_default_and_what_it_takes(call):
    call.switch(page_size=7)
    listed = call.send("GET", f"{call.url}/_simulator/switches").json()
    assert [each["name"] for each in listed] == [each.name for each in fields(Switches)]
    assert next(each for each in listed if each["name"] == "page_size") == {
        "name": "page_size",
        "row": 8,
        "value": 7,
        "default": 100,
        "takes": "a whole number, 1 or more",
    }


@pytest.mark.parametrize("switch", fields(Switches), ids=lambda switch: switch.name)
def test_every_choice_of_a_switch_can_be_set_and_its_opposite_of_sense_not(switch):
    for choice in switch.metadata.get("choices", (switch.default,)):
        assert asdict(changed(Switches(), {switch.name: choice}))[switch.name] == choice
    for nonsense in ("no such choice!", -1, None, [], 1.5):
        with pytest.raises(ValueError, match=f"Switch '{switch.name}' takes "):
            changed(Switches(), {switch.name: nonsense})


def test_a_number_has_its_least():
    assert changed(Switches(), {"page_size": 1}).page_size == 1
    with pytest.raises(ValueError, match="1 or more"):
        changed(Switches(), {"page_size": 0})


def test_the_first_choice_is_the_default():
    with_choices = [each for each in fields(Switches) if "choices" in each.metadata]
    assert all(each.default == each.metadata["choices"][0] for each in with_choices)
    assert len(with_choices) > 20


def test_a_fresh_portal_has_the_defaults():
    assert all(each["value"] == each["default"] for each in described(Switches()))
