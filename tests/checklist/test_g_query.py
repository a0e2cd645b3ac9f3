"""Section G of the checklist, first half: filters (RFC 7644 section 3.4.2.2)."""

import pytest

from tests.app import ENTERPRISE_URN, GROUP_URN, USER_URN
from tests.checklist.asking import LIST_URN, asked, found, names, on_both_databases
from tests.web.refusals import refused

EVERYBODY = ["ana", "Bob", "cem", "dan"]


@pytest.fixture
def people(scim, clock):
    """Four users, made an hour apart; dan is inactive and has next to nothing. Gives their ids by name."""
    given = {
        "ana": {
            "externalId": "X1",
            "title": "Alpha",
            "displayName": 'Ana "A" \\ Reis é',
            "name": {"familyName": "Reis"},
            "emails": [
                {"value": "ana@work.test", "type": "work", "primary": True},
                {"value": "ana@home.test", "type": "home"},
            ],
            ENTERPRISE_URN: {"department": "Deck", "employeeNumber": "10"},
        },
        "Bob": {"externalId": "x1b", "title": "beta", "emails": [{"value": "bob@work.test", "type": "work"}]},
        "cem": {"title": "Gamma", "name": {"givenName": "Cem"}, "emails": [{"value": "cem@home.test", "type": "home"}]},
        "dan": {"active": False},
    }
    ids = {}
    for name, attributes in given.items():
        ids[name] = scim.user(name, **attributes)
        clock.advance(hours=1)
    scim.patch(f"/Users/{ids['cem']}", {"op": "add", "path": "manager", "value": ids["ana"]})
    return ids


def finds(scim, text, wanted):
    """Whether a filter finds exactly these, oldest first."""
    assert found(scim, text) == wanted, text


def test_rfc_96_the_answer_is_a_list_response(scim, people):
    assert scim.send("GET", "/Users").json["schemas"] == [LIST_URN]
    assert scim.send("GET", "/Groups").json["schemas"] == [LIST_URN]


def test_rfc_97_all_four_numbers_and_lists_are_always_there(scim, people):
    for path, total in (("/Users", 4), ("/Groups", 0)):
        page = scim.send("GET", path).json
        assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (total, 1, total)
        assert len(page["Resources"]) == total


def test_rfc_98_no_match_is_200_and_an_empty_list(scim, people):
    answer = asked(scim, 'userName eq "nobody"')
    assert (answer.status_code, answer.json["totalResults"], answer.json["Resources"]) == (200, 0, [])


def test_rfc_99_parameters_nobody_knows_are_ignored(scim, people):
    for query in ("aadOptscim062020", "aadOptscim062020=", "x=1&y=2", "_=1", "debug=true&format=xml"):
        assert scim.send("GET", f"/Users?{query}").json["totalResults"] == 4


def test_rfc_100_many_results_are_paged_and_not_refused(scim, people):
    answer = scim.send("GET", "/Users?count=1000000")
    assert (answer.status_code, answer.json["itemsPerPage"]) == (200, 4)


@on_both_databases
def test_rfc_101_the_root_covers_all_types(scim, people):
    scim.group("Crew")
    assert len(names(scim.send("GET", "/"))) == 5
    assert sorted(found(scim, 'meta.resourceType eq "User"', "/")) == sorted(EVERYBODY)
    assert found(scim, 'meta.resourceType eq "Group"', "/") == ["Crew"]
    assert set(found(scim, 'userName eq "ana" or displayName eq "crew"', "/")) == {"ana", "Crew"}
    assert set(found(scim, "members pr or title pr", "/")) == {"ana", "Bob", "cem"}


def test_rfc_102_what_is_not_understood_is_never_everything(scim, people):
    for text in [
        "bogus",
        'bogus eq "x"',
        'userName like "a"',
        "userName",
        'userName eq "ana" xor title pr',
        "*",
        "true",
    ]:
        refused(asked(scim, text), 400, "invalidFilter")
        refused(asked(scim, text, "/Groups"), 400, "invalidFilter")


def test_rfc_103_names_and_operators_are_known_in_any_letter_case(scim, people):
    for text in ['USERNAME eq "ana"', 'userName EQ "ana"', 'username Eq "ana"', 'Emails.VALUE eQ "ana@work.test"']:
        finds(scim, text, ["ana"])


@on_both_databases
def test_rfc_104_every_operator_is_there(scim, people):
    for text, wanted in (
        ('title eq "Beta"', ["Bob"]),
        ('title ne "Beta"', ["ana", "cem", "dan"]),
        ('title co "ET"', ["Bob"]),
        ('title sw "ga"', ["cem"]),
        ('title ew "MA"', ["cem"]),
        ("title pr", ["ana", "Bob", "cem"]),
        ('title gt "Beta"', ["cem"]),
        ('title ge "Beta"', ["Bob", "cem"]),
        ('title lt "Beta"', ["ana"]),
        ('title le "Beta"', ["ana", "Bob"]),
    ):
        finds(scim, text, wanted)


@on_both_databases
def test_rfc_105_conditions_can_be_joined_grouped_and_bracketed(scim, people):
    for text, wanted in (
        ('title eq "alpha" or title eq "beta"', ["ana", "Bob"]),
        ('title pr and emails.type eq "home"', ["ana", "cem"]),
        ("not (title pr)", ["dan"]),
        ('title pr and (userName sw "a" or userName sw "c")', ["ana", "cem"]),
        ('emails[type eq "home" and value co "@home"]', ["ana", "cem"]),
        ('emails[type eq "work" or type eq "home"]', ["ana", "Bob", "cem"]),
        ('not (emails[type eq "work"])', ["cem", "dan"]),
        ('emails[not (type eq "work")].value co "home"', ["ana", "cem"]),
    ):
        finds(scim, text, wanted)


def test_rfc_106_not_binds_before_and_and_before_or(scim, people):
    for text, wanted in (
        ('title eq "alpha" or title eq "beta" and userName eq "nobody"', ["ana"]),
        ('(title eq "alpha" or title eq "beta") and userName eq "nobody"', []),
        ('userName eq "nobody" and title eq "beta" or title eq "alpha"', ["ana"]),
        ('not (title eq "alpha") and title pr', ["Bob", "cem"]),
        ('not (title eq "alpha" or title eq "beta") or userName eq "ana"', ["ana", "cem", "dan"]),
    ):
        finds(scim, text, wanted)


def test_rfc_107_not_stands_before_brackets_with_a_blank_or_without(scim, people):
    for text in ["not (title pr)", "not(title pr)", "NOT  ( title pr )"]:
        finds(scim, text, ["dan"])


def test_rfc_107_not_needs_its_brackets(scim, people):
    for text in ["not title pr", "not", "not ()", "title not pr"]:
        refused(asked(scim, text), 400, "invalidFilter")


def test_rfc_108_literals_follow_the_rules_of_json(scim, people):
    for text, wanted in (
        (r'displayName eq "Ana \"A\" \\ Reis \u00e9"', ["ana"]),
        (r'displayName eq "Ana A"', []),
        ("active eq true", ["ana", "Bob", "cem"]),
        ("active eq false", ["dan"]),
        ('active eq "False"', ["dan"]),
    ):
        finds(scim, text, wanted)


def test_rfc_108_what_is_no_literal_is_refused(scim, people):
    for text in [r'userName eq "\q"', r'userName eq "\u12"', "userName eq 'ana'", 'userName eq "a" "b"']:
        refused(asked(scim, text), 400, "invalidFilter")


def test_rfc_109_booleans_and_binaries_have_no_order(scim, people):
    for operator in ("gt", "ge", "lt", "le"):
        for text in ("active {} true", 'x509Certificates.value {} "MIIB"', "emails[primary {} true]"):
            refused(asked(scim, text.format(operator)), 400, "invalidFilter")


@on_both_databases
def test_rfc_110_text_is_ordered_by_letters_and_dates_by_time(scim, people):
    for text, wanted in (
        ('userName gt "Bob"', ["cem", "dan"]),
        ('userName ge "bob"', ["Bob", "cem", "dan"]),
        ('externalId lt "a"', ["ana"]),  # exact: capitals come before small letters
        ('meta.created gt "2026-03-02T10:00:00Z"', ["cem", "dan"]),
        ('meta.created ge "2026-03-02T11:00:00+01:00"', ["Bob", "cem", "dan"]),
        ('meta.created lt "2026-03-02T02:00:00.0010000-08:00"', ["ana", "Bob"]),
    ):
        finds(scim, text, wanted)


def test_rfc_111_an_unknown_operator_is_refused_by_name(scim, people):
    for operator in ("regex", "=", "==", "like", "eqs", "!eq"):
        body = refused(asked(scim, f'userName {operator} "ana"'), 400, "invalidFilter")
        assert operator in body["detail"]


@on_both_databases
def test_rfc_112_letter_case_counts_where_it_is_declared(scim, people):
    for text, wanted in (
        ('userName eq "BOB"', ["Bob"]),
        ('emails.value eq "ANA@work.TEST"', ["ana"]),
        ('externalId eq "X1"', ["ana"]),
        ('externalId eq "x1"', []),
    ):
        finds(scim, text, wanted)


def test_rfc_113_any_of_several_values_decides(scim, people):
    finds(scim, 'emails.value eq "ana@work.test"', ["ana"])
    finds(scim, 'emails.value eq "ana@home.test"', ["ana"])


@on_both_databases
def test_rfc_114_a_complex_attribute_alone_means_its_value(scim, people):
    crew = scim.group("Crew", people["ana"])
    finds(scim, 'emails eq "ana@home.test"', ["ana"])
    finds(scim, f'manager eq "{people["ana"]}"', ["cem"])
    assert found(scim, f'members eq "{people["ana"]}"', "/Groups") == ["Crew"]
    assert found(scim, f'id eq "{crew}" and members eq "{people["dan"]}"', "/Groups") == []


@on_both_databases
def test_rfc_114_so_it_does_for_parts_of_addresses_and_for_groups(scim, people):
    crew = scim.group("Crew", people["ana"], people["cem"])
    finds(scim, 'emails co "home"', ["ana", "cem"])
    finds(scim, f'groups eq "{crew}"', ["ana", "cem"])
    finds(scim, f'groups.value eq "{crew}" and active eq true', ["ana", "cem"])
    finds(scim, 'groups.display eq "CREW"', ["ana", "cem"])


def test_rfc_114_one_without_a_value_cannot_be_compared(scim, people):
    for text in ['name eq "Reis"', 'meta eq "x"', f'{ENTERPRISE_URN} eq "x"']:
        refused(asked(scim, text), 400, "invalidFilter")


def test_rfc_115_conditions_in_brackets_hold_for_one_and_the_same_element(scim, people):
    finds(scim, 'emails[type eq "work" and value eq "ana@work.test"]', ["ana"])
    finds(scim, 'emails[type eq "work" and value eq "ana@home.test"]', [])
    finds(scim, 'emails[type eq "work"].value eq "ana@home.test"', [])


@on_both_databases
def test_rfc_115_without_brackets_they_may_hold_for_different_ones(scim, people):
    finds(scim, 'emails.type eq "work" and emails.value eq "ana@home.test"', ["ana"])


def test_rfc_116_a_name_may_carry_its_urn(scim, people):
    finds(scim, f'{USER_URN}:userName eq "ana"', ["ana"])
    finds(scim, f'{USER_URN.upper()}:emails.value eq "ana@work.test"', ["ana"])
    finds(scim, f'{ENTERPRISE_URN}:manager.value eq "{people["ana"]}"', ["cem"])
    refused(asked(scim, f'{GROUP_URN}:displayName eq "ana"'), 400, "invalidFilter")


@on_both_databases
def test_rfc_116_an_extension_s_attributes_are_known_by_it(scim, people):
    finds(scim, f'{ENTERPRISE_URN}:department eq "deck"', ["ana"])
    finds(scim, f'{USER_URN}:name.familyName sw "re"', ["ana"])
    finds(scim, f"{ENTERPRISE_URN}:employeeNumber pr", ["ana"])


@on_both_databases
def test_rfc_117_present_is_what_has_a_value(scim, people):
    for text, wanted in (
        ("userName pr", EVERYBODY),
        ("active pr", EVERYBODY),
        ("name pr", ["ana", "cem"]),
        ("name.familyName pr", ["ana"]),
        ("emails pr", ["ana", "Bob", "cem"]),
        ("emails.primary pr", ["ana"]),
        ("nickName pr", []),
        ("manager pr", ["cem"]),
        (f"{ENTERPRISE_URN} pr", ["ana", "cem"]),
        ("meta.created pr", EVERYBODY),
        ("groups pr", []),
    ):
        finds(scim, text, wanted)


@on_both_databases
def test_rfc_118_nothing_is_unequal_to_everything_and_equal_to_null(scim, people):
    for text, wanted in (
        ('title ne "alpha"', ["Bob", "cem", "dan"]),
        ("title eq null", ["dan"]),
        ("title ne null", ["ana", "Bob", "cem"]),
        ("emails eq null", ["dan"]),
        ("nickName eq null", EVERYBODY),
    ):
        finds(scim, text, wanted)


@on_both_databases
def test_rfc_119_schemas_can_be_asked_for(scim, people):
    finds(scim, f'schemas eq "{ENTERPRISE_URN}"', ["ana", "cem"])
    finds(scim, f'schemas eq "{USER_URN}"', EVERYBODY)
    finds(scim, 'schemas eq "urn:acme:other:1.0"', [])


@on_both_databases
def test_rfc_120_meta_can_be_asked_for(scim, people, clock):
    finds(scim, 'meta.lastModified gt "2026-03-02T12:30:00Z"', ["cem"])
    finds(scim, 'meta.lastModified eq "2026-03-02T09:00:00.000Z"', ["ana"])
    finds(scim, 'meta.resourceType eq "User"', EVERYBODY)
    finds(scim, 'meta.resourceType eq "Group"', [])
    finds(scim, f'meta.location ew "{people["ana"]}"', ["ana"])


def test_rfc_121_an_unknown_attribute_is_refused(scim, people):
    """400 and not an empty list: the catalogue of bad inputs decides (H03)."""
    for text in [
        'bogus eq "1"',
        "bogus pr",
        'name.bogus eq "1"',
        'userName.value eq "1"',
        'urn:acme:other:1.0:x eq "1"',
    ]:
        refused(asked(scim, text), 400, "invalidFilter")
        refused(asked(scim, f'userName eq "ana" and {text}'), 400, "invalidFilter")


def test_rfc_122_empty_text_is_not_the_same_as_nothing(scim, people):
    for name in ("displayName", "externalId", "userName", "emails.value"):
        finds(scim, f'{name} eq ""', [])


def test_rfc_123_a_password_cannot_be_asked_for(scim, people):
    for text in ['password eq "x"', "password pr", 'password sw "a" or userName eq "ana"', "not (password pr)"]:
        refused(asked(scim, text), 400, "invalidFilter")


def test_rfc_124_a_malformed_filter_is_refused(scim, people):
    for text in [
        "",
        " ",
        "userName eq",
        'eq "ana"',
        'userName eq "ana',
        'userName eq ana"',
        '(userName eq "ana"',
        'userName eq "ana")',
        'emails[type eq "work"',
        'emails type eq "work"]',
        "emails[]",
        'userName eq "ana" and',
        'or userName eq "ana"',
        'userName eq "ana" userName eq "ana"',
        'emails[emails[type eq "work"]]',
        '[userName eq "ana"]',
        "(" * 500 + 'userName eq "ana"' + ")" * 500,
        " or ".join(['userName eq "a"'] * 500),
        f'userName eq "{"a" * 20_000}"',
    ]:
        refused(asked(scim, text), 400, "invalidFilter")
