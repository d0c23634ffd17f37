from __future__ import annotations

import pytest

from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.reading import Form
from tests.engine.graph.declared.catalogues import NOW, drawn, reading, told


@pytest.mark.parametrize(
    "text", ["from,to\nWeb,db\n", "source;target\nWeb;db\n", "Caller\tCallee\nWeb\tdb\n", '# ours\n\nto,from,remark\ndb,web,"a, b"\n']
)
def test_a_table_is_read_by_its_heading(text: str) -> None:
    found = reading(text)
    assert found.form is Form.TABLE
    assert drawn(found.lines) == {"web needs db"}


def test_columns_say_how_and_how_much() -> None:
    text = "from,to,kind,group,at_least,soft,per_hour,since\na,b,calls,,,,12.5,2026-11-01\na,c,needs,search,2,no,,\na,d,needs,search,2,,,\na,e,,,,yes,,\n"
    found = reading(text)
    assert drawn(found.lines) == {"a calls b", "a needs c (2: search)", "a needs d (2: search)", "a needs? e"}
    evidence = found.lines[0].evidence[0]
    assert (evidence.kind, evidence.per_hour, evidence.since and evidence.since.day, evidence.seen) == (EvidenceKind.OBSERVED, 12.5, 1, NOW)


def test_a_row_that_does_not_fit_takes_no_other_along() -> None:
    text = "from,to,kind,per_hour,soft\na,b\na,,needs\na,c,wants\na,d,,many\na,e,,,perhaps\na,a\n---,x\na,f\n"
    found = reading(text)
    assert drawn(found.lines) == {"a needs b", "a needs f"}
    said = told(found)
    for part in (
        "line 3: “” is no name",
        "line 4: The kind of a line is",
        "line 5: “per_hour” is a number",
        "line 6: “soft” is yes or no",
        "line 7: “a” cannot need itself",
        "line 8: “---” is no name",
    ):
        assert part in said


def test_a_quotation_mark_that_is_never_closed_ends_the_reading_and_is_told() -> None:
    found = reading('from,to\na,b\nc,"d\ne,f\n')
    assert drawn(found.lines) == {"a needs b"}
    assert "cannot be read from here on" in told(found)


def test_formulas_and_mentions_are_names_like_any_other() -> None:
    found = reading("from,to\n=HYPERLINK(1),@channel\n<@U123>,a\n")
    assert drawn(found.lines) == {"hyperlink-1 needs channel", "u123 needs a"}
