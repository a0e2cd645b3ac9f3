"""What a list request asks for: by index, by cursor, in an order; from a query string and from a SearchRequest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.projection import Projection
from scim_bridge.scim.queries import (
    DEFAULT_COUNT,
    SEARCH_URN,
    cursor_response,
    list_query,
    list_response,
    search_query,
)


def _search(**more):
    return search_query({"schemas": [SEARCH_URN], **more})


def _refusal(read, sent):
    with pytest.raises(ScimError) as caught:
        read(sent)
    return caught.value.status, caught.value.scim_type


def test_a_list_response_has_all_four_numbers_and_an_empty_list():
    assert list_response([], 0, 1) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


def test_items_per_page_counts_what_the_page_holds():
    assert list_response([{"id": "1"}, {"id": "2"}], 12, 11)["itemsPerPage"] == 2


def test_a_query_without_arguments_has_the_defaults():
    query = list_query({"aadOptscim062020": ""})

    assert (query.filter, query.start_index, query.count) == (None, 1, 100)
    assert query.projection == Projection()


@pytest.mark.parametrize(
    ("sent", "start_index"),
    [("1", 1), ("2", 2), ("0", 1), ("-1", 1), (" 3 ", 3), ("1" + "0" * 30, 2**31 - 1), ("00000000000007", 7)],
)
def test_h19_h21_a_start_index_is_at_least_one_and_clipped(sent, start_index):
    assert list_query({"startIndex": sent}).start_index == start_index


@pytest.mark.parametrize(
    ("sent", "count"), [("0", 0), ("-5", 0), ("199", 199), ("200", 200), ("201", 200), ("9" * 5000, 200)]
)
def test_a_count_stays_within_the_page(sent, count):
    assert list_query({"count": sent}).count == count


@pytest.mark.parametrize("name", ["startIndex", "count"])
@pytest.mark.parametrize("sent", ["", "one", "1.5", "1e3", "٣", "0x10", "1 2"])
def test_what_is_no_whole_number_is_an_invalid_value(name, sent):
    assert _refusal(list_query, {name: sent}) == (400, "invalidValue")


@pytest.mark.parametrize("text", ["", "  "])
def test_h01_an_empty_filter_is_refused(text):
    assert _refusal(list_query, {"filter": text}) == (400, "invalidFilter")


@pytest.mark.parametrize("name", ["Filter", "FILTER"])
def test_an_argument_may_be_spelled_in_any_letter_case(name):
    """Quirk 27: a filter that is overlooked would give everybody."""
    assert list_query({name: "title pr", "COUNT": "7", "sortby": "id"}) == list_query(
        {"filter": "title pr", "count": "7", "sortBy": "id"}
    )
    assert list_query({"EXCLUDEDATTRIBUTES": "members"}).projection == Projection(None, ("members",))


def test_a_filter_is_handed_on_as_sent():
    assert list_query({"filter": 'userName eq "a+b"'}).filter == 'userName eq "a+b"'


# Order (RFC 7644 section 3.4.2.3)


def test_without_a_word_there_is_no_order():
    query = list_query({})

    assert (query.sort_by, query.descending) == (None, False)


@pytest.mark.parametrize(
    ("sent", "descending"),
    [({}, False), ({"sortOrder": "ascending"}, False), ({"sortOrder": "DESCENDING"}, True)],
)
def test_125_an_order_is_ascending_unless_said_otherwise(sent, descending):
    query = list_query({"sortBy": "name.familyName", **sent})

    assert (query.sort_by, query.descending) == ("name.familyName", descending)


@pytest.mark.parametrize("sent", ["", "down", "desc", "1"])
def test_125_an_order_that_is_none_is_an_invalid_value(sent):
    assert _refusal(list_query, {"sortBy": "id", "sortOrder": sent}) == (400, "invalidValue")


def test_an_empty_sort_by_says_nothing():
    assert list_query({"sortBy": ""}).sort_by is None


# By cursor (RFC 9865)


def test_without_a_cursor_pages_go_by_index():
    assert list_query({"count": "7"}).cursor is None


def test_an_empty_cursor_asks_for_the_first_page():
    query = list_query({"cursor": "", "count": "7"})

    assert (query.cursor, query.count, query.page_size) == ("", 7, 7)


def test_a_cursor_is_handed_on_as_sent():
    assert list_query({"cursor": "gAAA-_x"}).cursor == "gAAA-_x"


def test_a_cursor_with_a_start_index_is_paging_by_index():
    """RFC 9865 section 2: the two exclude each other, and index is our default."""
    assert list_query({"cursor": "x", "startIndex": "1"}).cursor is None


def test_the_size_of_a_page_by_cursor_need_not_be_said():
    query = list_query({"cursor": ""})

    assert (query.count, query.page_size) == (None, DEFAULT_COUNT)


@pytest.mark.parametrize("sent", ["0", "200"])
def test_a_page_by_cursor_may_have_from_none_to_two_hundred(sent):
    assert list_query({"cursor": "", "count": sent}).count == int(sent)


@pytest.mark.parametrize("sent", ["-1", "201", "9" * 30])
def test_any_other_size_of_a_page_by_cursor_is_an_invalid_count(sent):
    """RFC 9865 section 2.1; by index it is clipped without a word."""
    assert _refusal(list_query, {"cursor": "", "count": sent}) == (400, "invalidCount")


def test_a_size_that_is_no_number_is_an_invalid_value_by_cursor_too():
    assert _refusal(list_query, {"cursor": "", "count": "many"}) == (400, "invalidValue")


# From the body of a search (RFC 7644 section 3.4.3)


def test_146_a_search_says_the_same_as_a_query_string():
    body = _search(
        attributes=["userName", "emails.type"],
        filter="title pr",
        sortBy="userName",
        sortOrder="descending",
        startIndex=11,
        count=10,
    )

    assert body == list_query(
        {
            "attributes": "userName,emails.type",
            "filter": "title pr",
            "sortBy": "userName",
            "sortOrder": "descending",
            "startIndex": "11",
            "count": "10",
        }
    )


def test_a_search_for_everything_says_nothing():
    assert _search() == list_query({})


def test_a_search_may_go_by_cursor():
    assert _search(cursor="", count=5) == list_query({"cursor": "", "count": "5"})


def test_keys_of_a_search_have_any_letter_case_and_null_says_nothing():
    assert _search(STARTINDEX=3, Filter=None, sortby=None, cursor=None) == list_query({"startIndex": "3"})


def test_keys_of_a_search_that_nobody_knows_are_ignored():
    assert _search(aadOptscim062020="", domain="x") == list_query({})


@pytest.mark.parametrize("names", [["members"], "members", ["MEMBERS "]])
def test_attributes_may_be_a_list_or_a_text(names):
    assert _search(excludedAttributes=names).projection == Projection(None, ("members",))


def test_both_kinds_of_attributes_are_refused_in_a_search_too():
    assert _refusal(search_query, {"schemas": [SEARCH_URN], "attributes": ["id"], "excludedAttributes": ["meta"]}) == (
        400,
        "invalidValue",
    )


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"schemas": None},
        {"schemas": SEARCH_URN},
        {"schemas": [1]},
        {"schemas": {"a": 1}},
        {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]},
    ],
    ids=repr,
)
def test_147_a_search_without_its_urn_is_invalid_syntax(sent):
    assert _refusal(search_query, sent) == (400, "invalidSyntax")


def test_empty_schemas_of_a_search_are_an_invalid_value():
    assert _refusal(search_query, {"schemas": []}) == (400, "invalidValue")


def test_the_urn_of_a_search_has_any_letter_case():
    assert search_query({"schemas": [SEARCH_URN.upper()]}) == list_query({})


@pytest.mark.parametrize(
    "sent",
    [
        {"filter": 1},
        {"filter": ["title pr"]},
        {"startIndex": "1"},
        {"startIndex": 1.5},
        {"count": "10"},
        {"count": True},
        {"count": {}},
        {"sortBy": ["id"]},
        {"sortOrder": 1},
        {"cursor": 5},
    ],
    ids=repr,
)
def test_a_value_of_another_type_is_an_invalid_value(sent):
    assert _refusal(search_query, {"schemas": [SEARCH_URN], **sent}) == (400, "invalidValue")


@pytest.mark.parametrize("sent", [{"attributes": 1}, {"attributes": [1]}, {"excludedAttributes": {"id": 1}}], ids=repr)
def test_attributes_that_are_no_names_are_invalid_syntax(sent):
    assert _refusal(search_query, {"schemas": [SEARCH_URN], **sent}) == (400, "invalidSyntax")


def test_an_empty_filter_is_refused_in_a_search_too():
    assert _refusal(search_query, {"schemas": [SEARCH_URN], "filter": " "}) == (400, "invalidFilter")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_KEYS = ("filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes")


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON))
def test_any_search_is_understood_or_refused(sent):
    try:
        _search(**sent)
    except ScimError as error:
        assert error.status == 400


# What comes back


def test_a_page_by_cursor_has_no_start_index():
    """RFC 9865 section 2."""
    assert cursor_response([{"id": "1"}], 12, "gAAA") == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 12,
        "nextCursor": "gAAA",
        "itemsPerPage": 1,
        "Resources": [{"id": "1"}],
    }


def test_the_last_page_by_cursor_names_no_other():
    assert "nextCursor" not in cursor_response([], 0, None)


def test_a_total_that_nobody_counted_is_left_out():
    assert "totalResults" not in cursor_response([{"id": "1"}], None, "gAAA")
