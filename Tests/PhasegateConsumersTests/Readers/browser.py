"""Chromium without a network: every name resolves to nothing, and the proxy is a closed port."""

import ctypes
import json
import signal
import tempfile
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PR_SET_PDEATHSIG = 1


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def browser(chromium, driver, scripts=True):
    """A fresh browser; with scripts=False the pages' own scripts do not run, ours of the check still do."""
    with tempfile.TemporaryDirectory(prefix="phasegate-browser-") as profile:
        options = Options()
        options.binary_location = chromium
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--hide-scrollbars",
            "--disable-background-networking", f"--user-data-dir={profile}",
        ):
            options.add_argument(argument)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        window = webdriver.Chrome(options=options, service=Service(driver, popen_kw={"preexec_fn": end_with_parent}))
        try:
            window.set_page_load_timeout(60)
            # The browser's own first page asks for much.
            window.get("about:blank")
            requests(window)
            yield window
        finally:
            window.quit()


def evaluate(window, expression):
    """Runs an expression through the developer tools, which no policy of the page hinders."""
    answer = window.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2_000])
    return answer["result"].get("value")


def resize(window, width, height=900):
    window.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def prefer(window, scheme):
    window.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


def requests(window):
    """Addresses that were asked for since this was called last."""
    addresses = []
    for entry in window.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            # The browser's own parts; no page from disk reaches them.
            if not address.startswith("chrome"):
                addresses.append(address)
    return addresses
