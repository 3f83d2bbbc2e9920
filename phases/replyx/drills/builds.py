#!/usr/bin/env python3
"""Index builds of the plan that would block writers (S2-49): on a table that is in use, and not CONCURRENTLY.

An index of a table that the same migration creates blocks nobody.
Prints "OK - … | blocking=… builds=…".
"""

import os
import pathlib
import re
import sys

directory = pathlib.Path(os.environ["REPLYX_ROLLOUT"]).parent / "migrations"
BUILD = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s+ON\s+(?:ONLY\s+)?(\w+)", re.I)
TABLE = re.compile(r"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", re.I)
builds, blocking = 0, []
for file in sorted(directory.glob("*.sql")):
    text = re.sub(r"--.*", "", file.read_text())
    own = {table.lower() for table in TABLE.findall(text)}
    for concurrently, index, table in BUILD.findall(text):
        builds += 1
        if not concurrently and table.lower() not in own:
            blocking.append(f"{index} in {file.name}")
if not builds:
    print(f"UNKNOWN - there is no index build in {directory}")
    sys.exit(3)
print(f"{'CRITICAL' if blocking else 'OK'} - {', '.join(blocking) or 'none blocks'} | blocking={len(blocking)} builds={builds}")
