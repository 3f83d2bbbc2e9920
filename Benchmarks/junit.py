#!/usr/bin/env python3
"""Measures the JUnit report beside PyPI's junit-xml, and how it grows.

    junit.py JUNITBENCH WORK

JUNITBENCH is the release program of this package, WORK a directory for some
hundred megabytes. Needs junit-xml. Both write the same 100,000 cases, which
are read from our own file, to /dev/null, in turn, in one run. Prints a table,
writes WORK/junit.json and exits 1 when a bound is missed.
"""
import gc
import json
import os
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

from junit_xml import TestCase, TestSuite, to_xml_report_file

ROUNDS = 5
CASES = 100_000
# What may be: how many times as much ours is as theirs, and memory beside the report in KB.
BOUNDS = {
    "100,000 cases / junit-xml": 1 / 20,
    "a case of 400,000 / of 100,000": 1.5,
    "a case of 100,000 / of 10,000": 1.5,
    "memory for 100,000 cases / 32 MB": 1,
    "memory for 400,000 cases / for 100,000": 5,
}


def render(program, count, path="/dev/null", *more):
    """Runs our program once."""
    output = subprocess.run([program, str(count), path, *more], check=True, capture_output=True).stdout
    return json.loads(output)


def read_cases(path):
    """The cases of our file, as junit-xml has them."""
    cases = []
    for _, element in ElementTree.iterparse(path):
        if element.tag != "testcase":
            continue
        case = TestCase(element.get("name"), element.get("classname"), float(element.get("time")))
        for child in element:
            if child.tag == "failure":
                case.add_failure_info(child.get("message"), child.text, child.get("type"))
            elif child.tag == "error":
                case.add_error_info(child.get("message"), child.text, child.get("type"))
            elif child.tag == "skipped":
                case.add_skipped_info(child.get("message"), child.text)
            elif child.tag == "system-out":
                case.stdout = child.text
            if not child.text:
                sys.exit(f"the case '{case.name}' says nothing")
        cases.append(case)
        element.clear()
    return cases


def timed(work):
    """Seconds something takes, without what lies around from before."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main():
    program, work = sys.argv[1:]
    os.makedirs(work, exist_ok=True)
    sample = os.path.join(work, "junit.xml")
    render(program, CASES, sample)
    cases = read_cases(sample)
    if len(cases) != CASES + 1:
        sys.exit(f"{len(cases)} cases were read")
    suites = [TestSuite("everything", cases)]

    def theirs(prettyprint):
        with open("/dev/null", "w", encoding="utf-8") as sink:
            to_xml_report_file(sink, suites, prettyprint=prettyprint)

    ours, plain, pretty = [], [], []
    for _ in range(ROUNDS):
        ours.append(render(program, CASES))
        plain.append(timed(lambda: theirs(False)))
        pretty.append(timed(lambda: theirs(True)))
    limited = [render(program, CASES, "/dev/null", "xunit", "10000000") for _ in range(ROUNDS)]
    small = [render(program, 10_000) for _ in range(ROUNDS)]
    large = [render(program, 400_000) for _ in range(ROUNDS)]

    def median(costs):
        return statistics.median(cost["seconds"] for cost in costs)

    def peak(costs):
        return max(cost["extraKB"] for cost in costs)

    figures = [
        ("100,000 cases / junit-xml", median(ours), statistics.median(pretty), "s"),
        ("100,000 cases / junit-xml without indenting", median(ours), statistics.median(plain), "s"),
        ("100,000 cases below 10 MB / junit-xml", median(limited), statistics.median(pretty), "s"),
        ("a case of 100,000 / of 10,000", median(ours) * 10, median(small) * 100, "us"),
        ("a case of 400,000 / of 100,000", median(large) * 2.5, median(ours) * 10, "us"),
        ("memory for 100,000 cases / 32 MB", peak(ours) / 1024, 32, "MB"),
        ("memory for 400,000 cases / for 100,000", peak(large) / 1024, peak(ours) / 1024, "MB"),
    ]
    print("\n| figure | ours | theirs | unit | ratio | at most | |\n|---|---|---|---|---|---|---|")
    is_missed = False
    for name, one, other, unit in figures:
        bound = BOUNDS.get(name)
        verdict = "" if bound is None else "ok" if one / other <= bound else "MISSED"
        is_missed = is_missed or verdict == "MISSED"
        shown = "" if bound is None else f"{bound:.2f}"
        print(f"| {name} | {one:.3g} | {other:.3g} | {unit} | {one / other:.3g} | {shown} | {verdict} |")
    with open(os.path.join(work, "junit.json"), "w", encoding="utf-8") as file:
        keys = ("name", "ours", "theirs", "unit")
        json.dump([dict(zip(keys, figure)) | {"ratio": figure[1] / figure[2]} for figure in figures], file, indent=2)
    print(f"files: {ours[0]['bytes']} bytes, below 10 MB {limited[0]['bytes']}, report {ours[0]['modelKB'] // 1024} MB")
    sys.exit(1 if is_missed else 0)


if __name__ == "__main__":
    main()
