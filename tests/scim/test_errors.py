from scim_bridge.scim import errors


def test_a_body_carries_the_status_as_a_string():
    body = errors.conflict("userName is taken").body()

    assert body == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "userName is taken",
    }


def test_a_body_without_a_scim_type_leaves_the_key_out():
    assert "scimType" not in errors.not_found("No such user").body()


def test_every_constructor_has_its_status():
    made = [
        errors.bad_request("tooMany", ""),
        errors.not_found(""),
        errors.precondition_failed(""),
        errors.too_large(""),
        errors.not_implemented(""),
    ]

    assert [error.status for error in made] == [400, 404, 412, 413, 501]


def test_input_is_quoted_whole_when_short_and_cut_when_long():
    assert errors.quoted("a" * 80) == "'" + "a" * 80 + "'"
    assert len(errors.quoted("a" * 81)) < 90


def test_quoted_input_has_no_control_characters():
    assert errors.quoted("a\r\nb\u202e") == "'a??b?'"
