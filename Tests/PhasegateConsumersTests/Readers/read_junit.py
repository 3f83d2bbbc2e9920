"""Reads JUnit XML with junitparser, as the EnricoMi action does: counters as they are written."""

import sys

import junitparser
from canonical import show

OUTCOMES = {junitparser.Failure: "failure", junitparser.Error: "error", junitparser.Skipped: "skipped"}


def result(case):
    assert len(case.result) <= 1, f"{case.name} has {len(case.result)} results"
    for entry in case.result:
        return OUTCOMES[type(entry)], entry.message
    return "passed", ""


document = junitparser.JUnitXml.fromfile(sys.argv[1])
suites = list(document)
for suite in suites:
    suite.written = suite.tests, suite.failures, suite.errors, suite.skipped
    suite.update_statistics()
    counted = suite.tests, suite.failures, suite.errors, suite.skipped
    assert suite.written == counted, f"{suite.name}: written {suite.written}, counted {counted}"
show(
    document.tests,
    document.failures,
    document.errors,
    sum(suite.written[3] for suite in suites),
    [[case.classname, case.name, *result(case)] for suite in suites for case in suite],
)
