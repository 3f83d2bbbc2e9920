#!/usr/bin/env python3
"""The application's circuit breaker, tried with failures and a clock that are made up (S2-54).

Prints "OK - … | opens_after=… half_open_after=…".
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from traffic import Breaker  # noqa: E402

clock = [0.0]
breaker = Breaker(clock=lambda: clock[0])
failures = 0
while breaker.admits() and failures < 100:
    breaker.failed()
    failures += 1
# A success in between begins the count anew, so that only failures in a row open it.
other = Breaker(clock=lambda: clock[0])
for _ in range(4):
    other.failed()
other.succeeded()
for _ in range(4):
    other.failed()
if not other.admits():
    failures = -1
while not breaker.admits() and clock[0] < 1000:
    clock[0] += 0.5
print(f"OK - opens after {failures} failures in a row, tries again after {clock[0]:g} s | opens_after={failures} half_open_after={clock[0]:g}")
