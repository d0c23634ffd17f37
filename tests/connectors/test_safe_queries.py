"""What people say goes into other houses' queries and texts as a value, whatever is in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gitlab.hooks import harmless, reference
from connectors.quickbooks import hooks as quickbooks
from connectors.salesforce import hooks as salesforce
from connectors.zendesk.hooks import _operator
from engine.errors import Rejected

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TRICKY = st.text(st.sampled_from("a'\\%_\"\n;-)( "), max_size=20)
LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_literal(text: str) -> str:
    """The value of a quoted literal, which must be all of ``text``."""
    match = LITERAL.fullmatch(text)
    assert match, text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), match[1], flags=re.DOTALL)


@given(st.one_of(ANYTHING, TRICKY))
def test_a_text_in_soql_is_one_literal_and_means_itself(text: str) -> None:
    assert read_literal(salesforce.quoted(text)) == text


@given(st.one_of(ANYTHING, TRICKY))
def test_words_that_are_looked_for_in_soql_hold_no_wildcards_of_their_own(text: str) -> None:
    pattern = salesforce.like(text)
    assert LITERAL.fullmatch(pattern)
    bare = re.sub(r"\\.", "", pattern[2:-2], flags=re.DOTALL)
    assert not set(bare) & set("%_'")


@given(st.one_of(ANYTHING, TRICKY))
def test_a_text_in_a_quickbooks_query_is_one_literal_or_refused(text: str) -> None:
    if any(ord(letter) < 32 for letter in text):
        with pytest.raises(Rejected):
            quickbooks.quoted(text)
    else:
        assert read_literal(quickbooks.quoted(text)) == text


@given(TRICKY)
def test_a_value_of_a_zendesk_search_stays_in_its_quotes(text: str) -> None:
    operator = _operator("assignee", text)
    assert operator == "" or re.fullmatch(r'assignee:"[^"]+"', operator, re.DOTALL)


@pytest.mark.parametrize("object_", ["Lead; DELETE", "Lead WHERE", "", "1Lead", "Läd", "a" * 81])
def test_an_object_that_is_no_name_is_refused(object_: str) -> None:
    with pytest.raises(Rejected, match="no object"):
        salesforce.sobject_of(object_)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("leads", "Lead"), ("Opportunities", "Opportunity"), ("opps", "Opportunity"), ("cases", "Case"), ("Order__c", "Order__c")],
)
def test_an_object_is_said_as_people_say_it(said: str, meant: str) -> None:
    assert salesforce.sobject_of(said) == meant


@given(st.text(st.sampled_from("/ `~\nclose abc"), max_size=60))
def test_no_line_outside_code_is_a_quick_action_of_gitlab(text: str) -> None:
    fenced = False
    for line in (harmless(text) or "").split("\n"):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        assert fenced or not re.match(r"\s*/[a-z]", line)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("17", ("acme/web", "issues", 17)),
        ("#17", ("acme/web", "issues", 17)),
        ("!8", ("acme/web", "merge_requests", 8)),
        ("tools/cli!8", ("tools/cli", "merge_requests", 8)),
        ("https://git.acme.example/a/b/c/-/merge_requests/8#note_1", ("a/b/c", "merge_requests", 8)),
        ("https://gitlab.com/a/b/-/work_items/5", ("a/b", "issues", 5)),
    ],
)
def test_issues_and_merge_requests_are_named_as_gitlab_names_them(said: str, found: Any) -> None:
    assert reference(said, "acme/web", "issues") == found


@pytest.mark.parametrize("said", ["tools/cli8", "seventeen", "", "https://gitlab.com/a/b", "#-1"])
def test_what_names_no_issue_is_refused(said: str) -> None:
    with pytest.raises(Rejected):
        reference(said, "acme/web", "issues")
