#!/usr/bin/env python3
"""Two instances of the application behind a balancer that asks each how it is (S2-52, S2-55).

Blue serves while green is started beside it; the requests are switched over,
and then green is killed in the middle of them, so that they have to go back.
Both read production, on ports and with a telemetry of their own.

Prints "OK - … | lost_by_switching=0 lost_by_failing=… rerouted_after=…", and no time where requests were lost by
switching.
"""

import http.client
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(os.path.realpath(__file__)).parent.parent


class Instance:
    """An application of its own."""

    def __init__(self, directory, name):
        self.port_file = pathlib.Path(directory, f"{name}.port")
        self.is_healthy = False
        self.process = subprocess.Popen(
            [sys.executable, HERE / "traffic.py", "serve", "--port", os.environ["REPLYX_PORT"], "--database", "replyx"]
            + ["--rate", "0", "--flags", f"{directory}/flags", "--telemetry", f"{directory}/{name}.sqlite"]
            + ["--port-file", str(self.port_file)],
            env=os.environ | {"PGPASSWORD": os.environ["REPLYX_PASSWORD"]},
            stdout=subprocess.DEVNULL,
        )

    def wait_until_healthy(self):
        end = time.monotonic() + 30
        while not self.is_healthy:
            self.look()
            if time.monotonic() > end:
                raise OSError("an instance did not come up")
            time.sleep(0.05)

    def get(self, path, timeout=2.0):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port_file.read_text()), timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def look(self):
        try:
            self.is_healthy = self.get("/health", 0.5) == 200
        except (OSError, ValueError, http.client.HTTPException):
            self.is_healthy = False


class Balancer:
    """Sends a request to the first healthy instance; to another one if that does not answer."""

    def __init__(self):
        self.instances = []
        self.stop = threading.Event()
        self.lost = 0
        self.served = []

    def check_health(self):
        while not self.stop.wait(0.1):
            for instance in list(self.instances):
                instance.look()

    def serve(self):
        number = 0
        while not self.stop.is_set():
            number += 1
            for instance in sorted(self.instances, key=lambda one: not one.is_healthy):
                try:
                    if instance.get(f"/profile/{1 + number % 100}") == 200:
                        self.served.append((time.monotonic(), instance))
                        break
                except (OSError, ValueError, http.client.HTTPException):
                    instance.is_healthy = False
            else:
                self.lost += 1
            time.sleep(0.005)


def drill(directory):
    blue, green = Instance(directory, "blue"), Instance(directory, "green")
    try:
        balancer = Balancer()
        blue.wait_until_healthy()
        balancer.instances = [blue]
        threads = [threading.Thread(target=balancer.check_health), threading.Thread(target=balancer.serve)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(0.3)
            green.wait_until_healthy()
            balancer.instances = [green, blue]
            time.sleep(0.5)
            lost_by_switching = balancer.lost
            switched = any(instance is green for _, instance in balancer.served)
            killed_at = time.monotonic()
            green.process.send_signal(signal.SIGKILL)
            time.sleep(1)
            back = [at for at, instance in balancer.served if at > killed_at and instance is blue]
        finally:
            balancer.stop.set()
            for thread in threads:
                thread.join(10)
        if not switched or not back:
            raise OSError("green was never switched to" if not switched else "blue was never switched back to")
        lost = balancer.lost - lost_by_switching
        if lost_by_switching:
            print(f"CRITICAL - requests were lost by switching | lost_by_switching={lost_by_switching}")
            sys.exit(2)
        print(
            f"OK - {len(balancer.served)} requests, to green and back | lost_by_switching={lost_by_switching} "
            f"lost_by_failing={lost} rerouted_after={back[0] - killed_at:.3f}"
        )
    finally:
        for instance in (blue, green):
            instance.process.kill()
            instance.process.wait()


with tempfile.TemporaryDirectory(prefix="replyx-balancer-") as directory:
    try:
        drill(directory)
    except (OSError, KeyError) as error:
        print(f"UNKNOWN - {error}")
        sys.exit(3)
