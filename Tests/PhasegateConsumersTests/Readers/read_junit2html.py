"""Reads JUnit XML with junit2html, which knows no errors, only failures; and has it make its page."""

import sys

from canonical import show
from junit2htmlreport.parser import Junit

MOST_ROWS = 2_000


def result(case):
    if case.skipped:
        return "skipped", case.skipped_msg
    if case.failed():
        return "failure", case.failure_msg
    return "passed", ""


document = Junit(sys.argv[1])
cases = [[case.testclass.name, case.name, *result(case)] for suite in document for case in suite.all()]
if len(cases) <= MOST_ROWS:
    assert len(document.html()) > 1_000
outcomes = [case[2] for case in cases]
show(len(cases), outcomes.count("failure"), 0, outcomes.count("skipped"), cases)
