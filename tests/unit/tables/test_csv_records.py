import io

import pytest

from sentiment.tables.reading.csv_records import Dialect, RecordReader, parse_leniently


def read(text, width, delimiter=","):
    reader = RecordReader(io.StringIO(text, newline=""), Dialect(delimiter), width)
    return list(reader), reader


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_end_records(end):
    records, _ = read(end.join(["a,b", "c,d"]) + end, 2)
    assert records == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,"She said "lovely" twice",5', ["1", 'She said "lovely" twice', "5"]),
        (r'1,"She said \"lovely\", twice",5', ["1", 'She said "lovely", twice', "5"]),
        (r'1,"great \", really",5', ["1", 'great ", really', "5"]),
        ('1, "soft, warm", 5', ["1", "soft, warm", " 5"]),
        ('1,"the 5" heel",5', ["1", 'the 5" heel', "5"]),
        ('1,"said "ok, fine" today",5', ["1", 'said "ok, fine" today', "5"]),
    ],
)
def test_inner_quotes_are_text(line, cells):
    records, reader = read(f"0,x,1\n{line}\n2,y,2\n", 3)
    assert records == [["0", "x", "1"], cells, ["2", "y", "2"]]
    assert (reader.inner.count, reader.inner.first_line) == (1, 2)


@pytest.mark.parametrize(
    "line",
    [
        "1,plain,5",
        '1,"a ""quoted"" word",5',
        '1,"two\nlines, and more",5',
        r"1,back\slash,5",
        '1,5" heel,5',
        '"","",""',
    ],
)
def test_well_formed_records_stay_as_they_are(line):
    records, reader = read(f"{line}\n", 3)
    assert len(records) == 1
    assert (reader.inner.count, reader.unclosed.count) == (0, 0)


def test_inner_quotes_over_several_lines():
    text = '1,"first\nthey said "great" here, too\nlast",5\n2,next,4\n'
    records, reader = read(text, 3)
    assert records == [["1", 'first\nthey said "great" here, too\nlast', "5"], ["2", "next", "4"]]
    assert reader.unclosed.count == 0


@pytest.mark.parametrize(
    "later",
    ["plain words", '"well quoted, too"', '"two\nlines"', '"a ""quoted"" word"'],
)
def test_an_unclosed_quote_costs_no_other_row(later):
    good = [f"{number},{later},5\n" for number in range(4, 1_001)]
    text = '1,a,5\n2,b,5\n3,"never closed,5\n' + "".join(good)
    records, reader = read(text, 3)
    assert len(records) == 1_000
    assert records[2] == ["3", '"never closed', "5"]
    assert [cells[0] for cells in records] == [str(number) for number in range(1, 1_001)]
    assert (reader.unclosed.count, reader.unclosed.first_line) == (1, 3)


def test_an_unclosed_quote_among_quoted_cells_costs_no_other_row():
    good = [f'"{number}","fine, really","5"\n' for number in range(2, 500)]
    text = '"1","never closed,"5"\n' + "".join(good)
    records, _ = read(text, 3)
    assert [cells[0] for cells in records[1:]] == [str(number) for number in range(2, 500)]


def test_an_unclosed_quote_in_the_last_cell_costs_no_other_row():
    text = '1,5,"never closed\n' + "".join(f"{number},5,words\n" for number in range(2, 300))
    records, reader = read(text, 3)
    assert len(records) == 299
    assert records[0] == ["1", "5", '"never closed']
    assert reader.unclosed.first_line == 1


def test_lines_are_counted_through_repairs():
    text = '1,"two\nlines"\n2,"open\n3,a\n4,"inner "quote" here"\n5,b\n'
    reader = RecordReader(io.StringIO(text, newline=""), Dialect(","), 2)
    assert [(reader.line, cells[0]) for cells in reader] == [(1, "1"), (3, "2"), (4, "3"), (5, "4"), (6, "5")]


def test_a_field_of_two_megabytes_is_read_whole():
    text = "word, " * 350_000
    records, _ = read(f'1,"{text}"\n2,b\n', 2)
    assert records == [["1", text], ["2", "b"]]


def test_a_valid_field_of_many_lines_is_read_whole():
    text = "one, two\n" * 100_000
    records, reader = read(f'1,"{text}",5\n2,b,5\n', 3)
    assert records == [["1", text, "5"], ["2", "b", "5"]]
    assert reader.unclosed.count == 0


def test_many_open_quotes_take_linear_time():
    """Each line opens a quote that nothing closes; a scan to the file's end for each would take minutes."""
    text = "".join(f'{number};"open quote and "inner" words\n' for number in range(5_000))
    records, reader = read(text, 3, ";")
    assert len(records) == 5_000
    assert reader.unclosed.count == 5_000


def test_quotes_can_be_text():
    reader = RecordReader(['1\t"Great" coat\n', '2\t"open\n'], Dialect("\t", quoted=False), 2)
    assert list(reader) == [["1", '"Great" coat'], ["2", '"open']]


def test_parse_leniently_tells_an_open_quote():
    assert parse_leniently('1,"open,5\n', ",") == (["1", '"open', "5"], True)
