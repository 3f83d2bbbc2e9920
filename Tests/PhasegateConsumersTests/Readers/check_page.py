"""Opens a page from disk as people do, and prints as JSON what they would meet.

    check_page.py PAGE CHROMIUM CHROMEDRIVER AXE PICTURES

Pictures and the printed page go to the folder PICTURES.
"""

import base64
import json
import pathlib
import sys
import tempfile

from browser import browser, evaluate, prefer, requests, resize

page, chromium, driver, axe, pictures = sys.argv[1:6]
address = pathlib.Path(page).resolve().as_uri()
pictures = pathlib.Path(pictures)
pictures.mkdir(parents=True, exist_ok=True)
WIDTHS = (1280, 390, 320)

OPEN_ALL = "document.querySelectorAll('details').forEach(it => { it.open = true })"
# What is not for eyes, and what people work with: a script may add that, or make it of a heading.
UNSEEN = "script, style, template, title, desc, metadata, option, datalist, noscript"
ASIDE = UNSEEN + ", button, label, legend, fieldset, output, .tools"
# On paper, what leads around the page is not missed.
ASIDE_ON_PAPER = ASIDE.replace("button", ":not(th) > button") + ", nav, a[href^='#']"
TEXTS = """(aside => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [], unseen = [];
  const range = document.createRange();
  while (walk.nextNode()) {
    const node = walk.currentNode, text = node.data.trim().replace(/\\s+/g, ' ');
    if (!text || node.parentElement.closest(aside)) continue;
    range.selectNodeContents(node);
    const shown = node.parentElement.checkVisibility({opacityProperty: true, visibilityProperty: true});
    (shown && range.getClientRects().length > 0 ? seen : unseen).push(text);
  }
  return {seen, unseen};
})"""
AXE = """axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(found => {
  const brief = results => results.map(it => ({
    id: it.id, impact: it.impact, help: it.help, count: it.nodes.length,
    nodes: it.nodes.slice(0, 8).map(node => ({
      target: node.target.join(' '), html: node.html.slice(0, 300), why: (node.failureSummary || '').slice(0, 400),
    })),
  }));
  return {violations: brief(found.violations), incomplete: brief(found.incomplete), passes: found.passes.length};
})"""


def texts(window, aside):
    return evaluate(window, f"{TEXTS}({json.dumps(aside)})")


def opened_texts(window, aside=UNSEEN):
    evaluate(window, OPEN_ALL)
    return texts(window, aside)


def picture(window, name):
    shot = window.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
    (pictures / name).write_bytes(base64.b64decode(shot["data"]))


def scripts_are_off(window):
    """Asks the browser, not its settings."""
    with tempfile.NamedTemporaryFile("w", suffix=".html") as control:
        control.write("<!DOCTYPE html><title>quiet</title><script>document.title = 'ran'</script>")
        control.flush()
        window.get(pathlib.Path(control.name).as_uri())
        return window.title == "quiet"


found = {"requests": [], "console": [], "unseen": {}, "widths": {}, "axe": {}}

with browser(chromium, driver, scripts=False) as window:
    found["scriptsWereOff"] = scripts_are_off(window)
    requests(window)
    for width in WIDTHS:
        resize(window, width)
        window.get(address)
        unaided = opened_texts(window)
        found["unseen"][str(width)] = unaided["unseen"]
        # How far the page sticks out; 0 when nobody has to scroll sideways.
        found["widths"][str(width)] = evaluate(
            window, "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        )
        if width == WIDTHS[0]:
            quiet = unaided["seen"]
    found["characters"] = sum(map(len, quiet))
    found["requests"] += requests(window)
    found["console"] += [entry["message"] for entry in window.get_log("browser")]

with browser(chromium, driver) as window:
    resize(window, WIDTHS[0])
    paints = []
    # The best of three, because a machine may be busy with something else.
    for _ in range(3):
        window.get(address)
        # The entry is written with the frame that is painted first.
        paints.append(evaluate(window, """new Promise(done => {
            const seek = () => {
                const paint = performance.getEntriesByName('first-contentful-paint')[0];
                paint ? done(paint.startTime) : requestAnimationFrame(seek);
            };
            seek();
        })"""))
    found["firstPaintMilliseconds"] = min(paints)
    for scheme in ("light", "dark"):
        prefer(window, scheme)
        picture(window, f"{scheme}.png")
    prefer(window, "light")
    resize(window, 390, 844)
    picture(window, "narrow.png")
    resize(window, WIDTHS[0])
    # What was folded when it was sent to the printer is there all the same.
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    found["unprinted"] = texts(window, ASIDE_ON_PAPER)["unseen"]
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    printed = window.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    (pictures / "print.pdf").write_bytes(base64.b64decode(printed["data"]))
    aided = opened_texts(window)["seen"]
    found["lostWithoutScripts"] = sorted(set(opened_texts(window, ASIDE)["seen"]) - set(quiet))
    found["lostWithScripts"] = sorted(set(quiet) - set(aided))
    found["texts"] = aided
    # Before axe comes in, which is ours.
    found["requests"] += requests(window)
    found["console"] += [entry["message"] for entry in window.get_log("browser")]
    evaluate(window, pathlib.Path(axe).read_text() + ";0")
    for scheme in ("light", "dark"):
        prefer(window, scheme)
        found["axe"][scheme] = evaluate(window, AXE)
    resize(window, 390, 844)
    found["axe"]["narrow"] = evaluate(window, AXE)

found["requests"] = sorted({it for it in found["requests"] if it not in (address, "about:blank") and not it.startswith("data:")})
json.dump(found, sys.stdout)
