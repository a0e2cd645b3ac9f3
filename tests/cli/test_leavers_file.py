"""Files of leavers: what spreadsheets write is read, and every fault is told with its line."""

import pytest

from scim_bridge.cli.leavers_file import FileFaultsError, Row, rows


def faults(text):
    with pytest.raises(FileFaultsError) as refused:
        rows(text if isinstance(text, bytes) else text.encode())
    return refused.value.faults


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_commas_semicolons_byte_order_marks_and_line_ends_of_both_kinds_are_read(mark, delimiter, end):
    lines = ["EMail,reason,urgent", "ada@acme.test, Left ,Yes", "eve@acme.test,,"]
    text = end.join(line.replace(",", delimiter) for line in lines)
    assert rows(mark + text.encode()) == [
        Row(2, {"email": "ada@acme.test"}, "Left", True),
        Row(3, {"email": "eve@acme.test"}),
    ]


def test_several_names_of_a_person_may_stand_side_by_side_and_empty_cells_name_nobody():
    found = rows(b"employeeNumber,userName,externalId\n007,,\n,ada,X1\n")
    assert [row.identifiers for row in found] == [{"employeeNumber": "007"}, {"userName": "ada", "externalId": "X1"}]


def test_quoted_cells_may_hold_the_delimiter_and_line_ends_and_the_lines_are_still_counted():
    found = rows('userName,reason\n"ada","a, b\n""c"""\n\n,\neve,\u2028\nzoë,x\n'.encode())
    assert [(row.line, row.identifiers["userName"], row.reason) for row in found] == [
        (2, "ada", 'a, b\n"c"'), (6, "eve", None), (7, "zoë", "x"),
    ]  # fmt: skip


def test_a_file_of_nobody_has_no_rows():
    assert rows(b"userName\n") == []


def test_every_fault_is_told_at_once_with_its_line():
    assert faults("userName,reason,urgent\nada,,perhaps\n,Left,no\neve,Left\nzoe,Left,no,more\njoan,,\n") == [
        "line 2: urgent must be yes, no or empty.",
        "line 3: nobody is named here.",
        "line 4: 2 cells where the first line has 3.",
        "line 5: 4 cells where the first line has 3.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: the file is empty"),
        ("\n\n", "line 1: the file is empty"),
        ("ada@acme.test\n", 'line 1: there is no column "ada@acme.test"; the columns are: email, userName'),
        ("mail;userName\n", 'line 1: there is no column "mail"'),
        ("userName;reason,urgent\n", 'line 1: there is no column "reason,urgent"'),
        ("userName,,email\n", 'line 1: there is no column ""'),
        ("userName,USERNAME\n", "line 1: the column userName is there more than once"),
        ("reason,urgent\nLeft,no\n", "line 1: one of these columns must be there: email, userName"),
        (b"userName\nada\nzo\xeb\n", "line 3: this is not UTF-8"),
        ('userName\nada\n"eve\njoan\n', "line 3: unexpected end of data"),
        ('userName\n"ada"x\n', "line 2: ',' expected after '\"'"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(text, told):
    assert faults(text)[0].startswith(told)
