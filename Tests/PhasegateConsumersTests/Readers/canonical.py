"""What a reader of JUnit XML understood, in one shape for all readers."""

import hashlib
import json

# Above this many cases only their digest is printed.
MOST_CASES = 2_000


def first_line(text):
    return (text or "").split("\n", 1)[0]


def show(tests, failures, errors, skipped, cases):
    """Prints counts and cases; a case is [class name, name, outcome, message]."""
    reading = {"tests": tests, "failures": failures, "errors": errors, "skipped": skipped}
    lines = sorted("\x1f".join(case).encode() for case in cases)
    reading["digest"] = hashlib.sha256(b"\n".join(lines)).hexdigest()
    if len(cases) <= MOST_CASES:
        reading["cases"] = cases
    print(json.dumps(reading))
