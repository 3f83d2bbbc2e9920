#!/usr/bin/env python3
"""Opens a page from disk in Chromium without a network, five times, and says when it was first painted.

    first_paint.py PAGE

Exits 1 when the median is not under a second. Uses the browser that the tests install.
"""
import pathlib
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests/PhasegateConsumersTests/Readers"))
from browser import browser, evaluate, resize  # noqa: E402

LIMIT = 1_000
PAINT = """new Promise(done => {
    const seek = () => {
        const paint = performance.getEntriesByName('first-contentful-paint')[0];
        paint ? done(paint.startTime) : requestAnimationFrame(seek);
    };
    seek();
})"""

page = pathlib.Path(sys.argv[1]).resolve()
times = []
for _ in range(5):
    with browser(shutil.which("chromium"), shutil.which("chromedriver")) as window:
        resize(window, 1280)
        window.get(page.as_uri())
        times.append(evaluate(window, PAINT))
median = statistics.median(times)
size = page.stat().st_size / 1e6
print(f"first paint of {page.name}, {size:.2f} MB: {median:.0f} ms (median of {len(times)}), limit {LIMIT} ms")
sys.exit(0 if median < LIMIT else 1)
