"""Runs a server that cannot watch over itself: run_beside.py PROGRAM ARGUMENT...

Ends it when it is asked to end, and kills it when the test that wanted it, or this program, is no more.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
signal.signal(signal.SIGTERM, lambda *_: child.terminate())


def watch():
    while sys.stdin.buffer.read(4_096):
        pass
    child.kill()


threading.Thread(target=watch, daemon=True).start()
status = child.wait()
sys.stdout.flush()
# Without waiting for the thread that reads.
os._exit(status if status >= 0 else 128 - status)
