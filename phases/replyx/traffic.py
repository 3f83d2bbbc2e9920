#!/usr/bin/env python3
"""The ReplyX application with its users, and the monitor beside it.

    traffic.py serve   users read dialogs, search the knowledge base and write
                       messages; every request goes into the telemetry
    traffic.py watch   an external monitor: asks the application how it is,
                       writes down the indicators, takes alerts

Users who are exposed search through the index that the rollout brings, the
control group searches exactly, as everybody did before. Who is exposed says
phasegate's flag store, read again every 50 ms.

Both end on SIGTERM, and when whoever started them is gone. Nothing listens but
on loopback.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import queue
import random
import signal
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FLAG = "vector-index"
MASK = 0xFFFFFFFF


def now_ms():
    return int(time.time() * 1000)


# Who is exposed


def murmur3(data, seed=0):
    """The 32-bit MurmurHash3 for x86, as Sources/PhasegateFlags/murmur3.swift."""

    def scrambled(block):
        block = block * 0xCC9E2D51 & MASK
        block = (block << 15 | block >> 17) & MASK
        return block * 0x1B873593 & MASK

    value = seed
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        value ^= scrambled(int.from_bytes(data[start : start + 4], "little"))
        value = (value << 13 | value >> 19) & MASK
        value = (value * 5 + 0xE6546B64) & MASK
    # An empty tail scrambles to 0 and changes nothing.
    value ^= scrambled(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & MASK
    return value ^ value >> 16


def bucket(salt, user):
    """The lot a user has drawn, from 0 to 9 999, as Sources/PhasegateFlags/FlagRule.swift."""
    return murmur3((salt + user).encode()) * 10_000 >> 32


class FlagView:
    """The flag as the application sees it; the last value while the store cannot be read.

    `leak` plants a fault: percent of the users who are exposed although the flag does not say so, once it says so
    of anybody. They are drawn by another salt than those who are next in line.
    """

    def __init__(self, path, leak=0.0):
        self.path, self.leak = path, leak
        self.rule = (FLAG, 0)
        self.read_at = 0.0
        self.lock = threading.Lock()

    def exposed(self, user):
        with self.lock:
            if time.monotonic() - self.read_at > 0.05:
                self.read_at = time.monotonic()
                self._refresh()
            salt, share = self.rule
        if share <= 0:
            return False
        return share >= 10_000 or bucket(salt, user) < share or bucket("leak", user) < 100 * self.leak

    def _refresh(self):
        if not os.path.exists(self.path):
            return
        try:
            store = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=0.2)
            try:
                row = store.execute("SELECT salt, share_bp FROM flags WHERE key = ?", (FLAG,)).fetchone()
            finally:
                store.close()
        except sqlite3.Error:
            return
        if row:
            self.rule = row


# Telemetry


class Telemetry:
    """What is measured, in a file of its own; written in batches by one thread."""

    TABLES = {
        "requests": "at_ms INTEGER, user_id TEXT, variant TEXT, kind TEXT, ok INTEGER, latency_ms REAL, category TEXT, "
        "score REAL",
        "pool": "at_ms INTEGER, size INTEGER, in_use INTEGER, waiting INTEGER",
        "heartbeat": "at_ms INTEGER, source TEXT",
        "availability": "at_ms INTEGER, up INTEGER, latency_ms REAL",
        "samples": "at_ms INTEGER, indicator TEXT, value REAL",
        "alerts": "at_ms INTEGER, id TEXT, type TEXT, title TEXT",
    }

    def __init__(self, path):
        self.path = path
        self.rows = queue.SimpleQueue()
        # Two processes come here at the same time.
        with sqlite3.connect(path, timeout=10) as store:
            store.execute("PRAGMA journal_mode = WAL")
            for table, columns in self.TABLES.items():
                store.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
                store.execute(f"CREATE INDEX IF NOT EXISTS {table}_by_time ON {table}(at_ms)")
        store.close()

    def add(self, table, *values):
        self.rows.put((table, values))

    def run(self, stop):
        store = sqlite3.connect(self.path, timeout=10)
        store.execute("PRAGMA synchronous = OFF")
        while True:
            ending = stop.is_set()
            batch = []
            while not self.rows.empty():
                batch.append(self.rows.get())
            if batch:
                with store:
                    for table, values in batch:
                        store.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)
            if ending:
                break
            stop.wait(0.1)
        store.close()


# The application


class Breaker:
    """Stops using what keeps failing: opens after five failures in a row, tries again after thirty seconds."""

    def __init__(self, failures=5, cooldown=30.0, clock=time.monotonic):
        self.limit, self.cooldown, self.clock = failures, cooldown, clock
        self.failures, self.open_until = 0, None
        self.lock = threading.Lock()

    def admits(self):
        with self.lock:
            return self.open_until is None or self.clock() >= self.open_until

    def succeeded(self):
        with self.lock:
            self.failures, self.open_until = 0, None

    def failed(self):
        with self.lock:
            self.failures += 1
            if self.failures >= self.limit:
                self.open_until = self.clock() + self.cooldown


# Exact whatever indexes there are: every distance is computed before any is compared.
EXACT = (
    "WITH distances AS MATERIALIZED (SELECT id, embedding <=> %s::vector AS distance FROM knowledge_embeddings) "
    "SELECT id FROM distances ORDER BY distance, id LIMIT 10"
)
INDEXED = "SELECT id FROM search_embeddings(%s::vector)"

# Heads of the migrations that this version of the application works with.
HEADS = {"7c1d4e9a2b35", "e5b8f2c60d17"}

# What an answer of the interface holds (S2-81); the integration suite compares.
READS = {
    "dialog": (
        4,
        "SELECT id, role, content, created_at FROM dialog_messages WHERE dialog_id = %s "
        "ORDER BY created_at DESC, id DESC LIMIT 20",
        "dialogs",
    ),
    "dialogs": (2, "SELECT id, channel, status FROM dialogs WHERE user_id = %s ORDER BY updated_at DESC LIMIT 20", "users"),
    "tokens": (1, "SELECT coalesce(sum(tokens), 0) FROM dialog_messages WHERE dialog_id = %s", "dialogs"),
    "profile": (1, "SELECT id, plan, created_at FROM users WHERE id = %s", "users"),
    "article": (1, "SELECT id, title, language FROM knowledge_documents WHERE id = %s", "knowledge_documents"),
    "chunks": (1, "SELECT id, model_version FROM knowledge_embeddings WHERE document_id = %s ORDER BY id", "knowledge_documents"),
}


def category(error):
    """The kind of a failure, by PostgreSQL's classes of SQLSTATE."""
    state = getattr(error, "sqlstate", None) or ""
    if state[:2] in ("08", "57", "53") or not state:
        return "connection"
    if state[:2] in ("40", "55"):
        return "performance"
    if state[:2] == "23":
        return "integrity"
    if state[:2] == "42":
        return "migration"
    return "query"


class Application:
    WORKERS = 8

    def __init__(self, options, stop):
        import psycopg

        self.psycopg, self.options, self.stop = psycopg, options, stop
        self.telemetry = Telemetry(options.telemetry)
        self.flags = FlagView(options.flags, options.leak)
        self.breaker = Breaker()
        self.requests = queue.Queue()
        self.busy = 0
        self.checked_at = 0.0
        self.lock = threading.Lock()
        with self.connect() as connection:
            self.sizes = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("users", "dialogs", "knowledge_documents")
            }
            # Questions lie near to articles: each is an embedding moved a little.
            rows = connection.execute(
                "SELECT embedding::text FROM knowledge_embeddings ORDER BY hashint8extended(id, 7) LIMIT 200"
            ).fetchall()
        rng = random.Random(7)
        self.questions = [
            json.dumps([round(value + 0.12 * (rng.random() - 0.5), 6) for value in json.loads(text)]) for (text,) in rows
        ]

    def connect(self):
        connection = self.psycopg.connect(
            host="127.0.0.1",
            port=self.options.port,
            dbname=self.options.database,
            user="replyx",
            application_name="replyx",
            connect_timeout=5,
            autocommit=True,
        )
        connection.execute("SET statement_timeout = '5s'")
        return connection

    # What a request does

    def search(self, connection, user, question):
        """The variant that answered, and the ten nearest."""
        if self.flags.exposed(user) and self.breaker.admits():
            try:
                found = [row[0] for row in connection.execute(INDEXED, (question,)).fetchall()]
                self.breaker.succeeded()
                return "new", found
            except self.psycopg.Error:
                self.breaker.failed()
                raise
        return "control", [row[0] for row in connection.execute(EXACT, (question,)).fetchall()]

    def read(self, connection, kind, key):
        return connection.execute(READS[kind][1], (key,)).fetchall()

    def write(self, connection, dialog, text):
        with connection.transaction():
            connection.execute(
                "INSERT INTO dialog_messages (dialog_id, role, content, tokens) VALUES (%s, 'user', %s, %s)",
                (dialog, text, len(text.split())),
            )

    def serve(self, connection, user, kind, key):
        """One request from the moment a worker takes it, written down whatever comes of it."""
        begin, at = time.perf_counter(), now_ms()
        variant, failure, found, score = self.planned(user, kind), None, None, None
        try:
            if kind == "search":
                variant, found = self.search(connection, user, self.questions[key])
            elif kind == "write":
                self.write(connection, key, f"written by {user}")
            else:
                self.read(connection, kind, key)
        except self.psycopg.Error as error:
            failure = category(error)
        took = (time.perf_counter() - begin) * 1000
        if variant == "new" and found is not None and self.is_check_due():
            score = self.check(connection, key, found)
        self.telemetry.add("requests", at, user, variant, kind, int(failure is None), took, failure, score)

    def planned(self, user, kind):
        """What the request is to be served by, as long as it is not known what it was served by."""
        return "new" if kind == "search" and self.flags.exposed(user) else "control"

    def is_check_due(self):
        """Ten a second at most, so that checking stays cheap when everybody is exposed."""
        with self.lock:
            is_due = time.monotonic() - self.checked_at >= 0.1
            if is_due:
                self.checked_at = time.monotonic()
            return is_due

    def check(self, connection, key, found):
        """The share of the right answers that an exposed user got, by exact search, after the user has them."""
        try:
            exact = {row[0] for row in connection.execute(EXACT, (self.questions[key],)).fetchall()}
        except self.psycopg.Error:
            return None
        score = len(exact.intersection(found)) / max(1, len(exact))
        self.telemetry.add("samples", now_ms(), "overlap", 100.0 * score)
        return score

    # Who does it

    def work(self):
        connection = None
        while True:
            try:
                user, kind, key = self.requests.get(timeout=0.2)
            except queue.Empty:
                if self.stop.is_set():
                    return
                continue
            with self.lock:
                self.busy += 1
            try:
                if connection is None or connection.closed:
                    connection = self.connect()
                self.serve(connection, user, kind, key)
            except self.psycopg.Error as error:
                # Of the arm that it was meant for: else whoever drops connections would look like the control.
                self.telemetry.add("requests", now_ms(), user, self.planned(user, kind), kind, 0, 0.0, category(error), None)
                connection = None
            finally:
                with self.lock:
                    self.busy -= 1

    def arrive(self):
        """Requests come by themselves, whether or not those before them are done."""
        if self.options.rate <= 0:
            return
        rng = random.Random(42)
        kinds, weights = ["search"], [7]
        if not self.options.searches_only:
            kinds = list(READS) + ["search", "write"]
            weights = [READS[kind][0] for kind in READS] + weights + [1]
        due = time.monotonic()
        while not self.stop.is_set():
            due += rng.expovariate(self.options.rate)
            self.stop.wait(max(0.0, due - time.monotonic()))
            kind = rng.choices(kinds, weights)[0]
            user = rng.randrange(self.sizes["users"]) + 1
            if kind == "search":
                key = rng.randrange(len(self.questions))
            else:
                key = rng.randrange(self.sizes["dialogs" if kind == "write" else READS[kind][2]]) + 1
            if kind in ("dialogs", "profile"):
                key = user
            self.requests.put((f"user-{user}", kind, key))

    def keep_house(self):
        while not self.stop.wait(0.2):
            at = now_ms()
            self.telemetry.add("pool", at, self.WORKERS, self.busy, self.requests.qsize())
            self.telemetry.add("heartbeat", at, "application")

    # The interface

    def answer(self, path):
        """Status and body of a GET."""
        parts = [part for part in path.split("/") if part]
        with self.connect() as connection:
            if parts == ["health"]:
                head = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0]
                # An application and a database that do not know each other are no pair (S2-45).
                status = "ok" if head in HEADS else "wrong schema"
                return 200, {"status": status, "head": head, "breaker": "closed" if self.breaker.admits() else "open"}
            if len(parts) == 2 and parts[0] in READS and parts[1].isdigit():
                cursor = connection.execute(READS[parts[0]][1], (int(parts[1]),))
                names = [column.name for column in cursor.description]
                return 200, [dict(zip(names, map(str, row))) for row in cursor.fetchall()]
            if len(parts) == 3 and parts[0] == "search" and parts[2].isdigit():
                variant, found = self.search(connection, parts[1], self.questions[int(parts[2]) % len(self.questions)])
                return 200, {"variant": variant, "found": found}
        return 404, {"error": "there is no such thing"}

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.WORKERS)]
        threads += [threading.Thread(target=self.arrive), threading.Thread(target=self.keep_house)]
        writer = threading.Thread(target=self.telemetry.run, args=(self.stop,))
        application = self

        class Handler(QuietHandler):
            def do_GET(self):
                try:
                    self.reply(*application.answer(self.path))
                except application.psycopg.Error as error:
                    self.reply(503, {"status": "unavailable", "category": category(error)})

        server = listen(Handler, self.options.port_file)
        for thread in threads + [writer]:
            thread.start()
        print(f"serving {self.options.rate:g} requests a second", flush=True)
        # Not without an end: a signal that another thread gets would not wake this one, which has to handle it.
        while not self.stop.wait(0.2):
            pass
        server.shutdown()
        for thread in threads + [writer]:
            thread.join(10)


# The monitor


class Monitor:
    """Looks at the application from outside, and takes alerts."""

    def __init__(self, options, stop):
        self.options, self.stop = options, stop
        self.telemetry = Telemetry(options.telemetry)
        self.cpu = None

    def ask(self):
        """Asks how the application is, as a load balancer does, and says so."""
        begin = time.perf_counter()
        try:
            with open(self.options.application) as file:
                port = int(file.read())
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                is_up = answer.status == 200 and json.load(answer)["status"] == "ok"
        except (OSError, ValueError, KeyError):
            is_up = False
        at = now_ms()
        self.telemetry.add("availability", at, int(is_up), (time.perf_counter() - begin) * 1000)
        self.telemetry.add("heartbeat", at, "monitor")

    def cpu_seconds(self):
        """Processor time of the database server, those of its processes included that have ended."""
        with open(self.options.postmaster) as file:
            postmaster = int(file.readline())
        total = 0
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(name) == postmaster:
                total += sum(int(field) for field in fields[11:15])
            elif int(fields[1]) == postmaster:
                total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def db_cpu_usage(self):
        """Share of the machine that the database server used since the last look, in percent."""
        try:
            seconds, at = self.cpu_seconds(), time.monotonic()
        except OSError:
            return None
        before, self.cpu = self.cpu, (seconds, at)
        if before is None:
            return None
        return max(0.0, 100.0 * (seconds - before[0]) / (at - before[1]) / os.cpu_count())

    INDICATORS = {
        "api_response_time_p95": (
            "SELECT latency_ms FROM requests WHERE at_ms >= :since AND ok = 1 ORDER BY latency_ms LIMIT 1 "
            "OFFSET (SELECT (count(*) * 95 + 99) / 100 - 1 FROM requests WHERE at_ms >= :since AND ok = 1)"
        ),
        "error_rate": "SELECT 100.0 * sum(ok = 0) / count(*) FROM requests WHERE at_ms >= :since",
        "vector_search_accuracy": "SELECT avg(value) FROM samples WHERE indicator = 'overlap' AND at_ms >= :since",
        "pool_usage": "SELECT 100.0 * avg(in_use) / max(size) FROM pool WHERE at_ms >= :since",
        "queue_length": "SELECT avg(waiting) FROM pool WHERE at_ms >= :since",
        "availability": "SELECT 100.0 * avg(up) FROM availability WHERE at_ms >= :since",
    }

    def measure(self):
        store = sqlite3.connect(self.options.telemetry, timeout=5)
        at = now_ms()
        for indicator, query in self.INDICATORS.items():
            row = store.execute(query, {"since": at - 10_000}).fetchone()
            # A zero where nothing was measured would be a claim.
            if row and row[0] is not None:
                self.telemetry.add("samples", at, indicator, row[0])
        store.close()
        usage = self.db_cpu_usage()
        if usage is not None:
            self.telemetry.add("samples", at, "db_cpu_usage", usage)

    def take(self, headers, body):
        """Keeps an alert if its signature is right (Standard Webhooks)."""
        secret = base64.b64decode(os.environ["REPLYX_HOOK_SECRET"].removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        if not any(hmac.compare_digest(wanted, given) for given in (headers["webhook-signature"] or "").split()):
            return 401
        alert = json.loads(body)
        self.telemetry.add("alerts", now_ms(), headers["webhook-id"], alert["type"], alert.get("data", {}).get("title", ""))
        return 200

    def run(self):
        monitor = self

        class Handler(QuietHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = monitor.take(self.headers, body)
                self.reply(status, {})

        server = listen(Handler, self.options.port_file)
        writer = threading.Thread(target=self.telemetry.run, args=(self.stop,))
        writer.start()
        looked_at = 0.0
        while not self.stop.wait(0.2):
            self.ask()
            if time.monotonic() - looked_at >= 1:
                looked_at = time.monotonic()
                self.measure()
        server.shutdown()
        writer.join(10)


# Both


class QuietHandler(BaseHTTPRequestHandler):
    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


def listen(handler, port_file):
    """Listens at a free port of loopback and writes it into a file, whole or not at all."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    with open(port_file + ".part", "w") as file:
        file.write(str(server.server_address[1]))
    os.replace(port_file + ".part", port_file)
    return server


def outlive_nobody(parent, stop):
    while not stop.wait(1):
        if os.getppid() != parent:
            stop.set()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve")
    serve.add_argument("--port", type=int, required=True, help="of the database, on loopback")
    serve.add_argument("--database", required=True)
    serve.add_argument("--flags", required=True)
    serve.add_argument("--rate", type=float, default=100, help="requests a second; 0 for the interface alone")
    serve.add_argument("--searches-only", action="store_true", help="users search, and neither read nor write")
    serve.add_argument("--leak", type=float, default=0.0, help="plant a fault: percent exposed against the flag")
    watch = verbs.add_parser("watch")
    watch.add_argument("--application", required=True, help="file with the application's port")
    watch.add_argument("--postmaster", required=True, help="postmaster.pid of the database server")
    for verb in (serve, watch):
        verb.add_argument("--telemetry", required=True)
        verb.add_argument("--port-file", required=True)
    options = parser.parse_args()
    stop = threading.Event()
    threading.Thread(target=outlive_nobody, args=(os.getppid(), stop), daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    (Application if options.verb == "serve" else Monitor)(options, stop).run()


if __name__ == "__main__":
    sys.exit(main())
