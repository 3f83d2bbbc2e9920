#!/usr/bin/env python3
"""Measures what phasegate costs on PostgreSQL and MariaDB beside what people would use instead.

    servers.py PHASEGATE WORK [PART...]

PHASEGATE is the release binary; WORK a directory with room for some gigabytes
and `venv`, in which data-diff and alembic are. Parts are hash, restore,
migrations and latency; without any, all of them. The servers are started here,
each on a socket in a directory of its own, and are gone afterwards. BENCH_ROWS
is the length of the table that is hashed, BENCH_ROUNDS how often each side is
timed. Prints a table, writes WORK/results-servers.json and exits 1 when a
bound is missed or, where all parts were asked for, was not measured.
"""
import contextlib
import ctypes
import datetime
import json
import os
import pathlib
import pwd
import re
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MIGRATIONS = 200
# What is slept by 90, 8 and 2 of 100 executions, in milliseconds, and how many there are.
MIXES = (((5, 20, 50), 2000), ((20, 80, 200), 1000))
# What may be at most: how many times as much ours is as theirs.
BOUNDS = {
    "MariaDB: content hash, two pieces at once / pt-table-checksum": 1 / 3,
    "MariaDB: content hash of two copies / data-diff": 1 / 3,
    "PostgreSQL: content hash of two copies / data-diff": 1 / 3,
    "PostgreSQL: memory hashing all rows / a tenth": 1.2,
    "MariaDB: memory hashing all rows / a tenth": 1.2,
    "PostgreSQL: proof of a dump at level 4 / createdb, pg_restore": 1.3,
    "200 migrations as planned by default / psql -f, one process each": 1.3,
    "200 migrations as planned by default / sqitch deploy": 1 / 3,
    "200 migrations as planned by default / alembic upgrade head": 1 / 3,
}
for _mix, _ in MIXES:
    for _percent in (50, 95, 99):
        BOUNDS[f"latency of {'/'.join(map(str, _mix))} ms, p{_percent}: measured / injected"] = 1.02


# MARK: Programs


class Finished:
    """A program that has ended: how long it took, its memory, and what it wrote."""

    def __init__(self, seconds, peak_mb, output):
        self.seconds, self.peak_mb, self.output = seconds, peak_mb, output


def run(arguments, accepting=(0,), environment=None, directory=None, given=None):
    """Runs a program to its end, as a shell does; another status than it should have stops the benchmarks."""
    arguments = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
            cwd=directory,
        )
        if given is not None:
            process.stdin.write(given.encode())
            process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode not in accepting:
        sys.exit(f"{' '.join(arguments)[:300]} ended with {process.returncode}:\n{text[-3000:]}")
    return Finished(seconds, usage.ru_maxrss / 1024, text)


def in_turn(rounds, *works):
    """Runs several things in turn, so that a busy minute of the machine meets all of them.

    Gives for each what it gave, a list by rounds.
    """
    results = [[] for _ in works]
    for _ in range(rounds):
        for result, work in zip(results, works):
            result.append(work())
    return results


def median_of(runs):
    """The middle one of the times."""
    return statistics.median(run.seconds for run in runs)


# MARK: Servers


class Server:
    """A server on a socket in a directory of its own, both gone at the end."""

    owner = ""
    # What ends the server without waiting for its sessions.
    stop_signal = signal.SIGTERM

    def __init__(self):
        # Short, because a socket's path has at most 107 bytes, and where the server's user can go.
        self.directory = tempfile.mkdtemp(prefix="phasegate-bench-")
        self.process = None
        self.as_owner = {}
        if os.getuid() == 0:
            user = pwd.getpwnam(self.owner)
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self.as_owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chmod(self.directory, 0o755)

    def prepare(self, arguments):
        """Runs a program as the server's user."""
        done = subprocess.run(arguments, cwd=self.directory, capture_output=True, **self.as_owner)
        if done.returncode:
            sys.exit(f"{arguments[0]} ended with {done.returncode}: {(done.stdout + done.stderr).decode()[-2000:]}")

    def start(self, arguments):
        """Starts the server as its user."""
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                arguments,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # The kernel ends the server when this process ends, however it does (PR_SET_PDEATHSIG).
                preexec_fn=lambda: ctypes.CDLL(None).prctl(1, self.stop_signal),
                **self.as_owner,
            )

    def wait_until_ready(self, asking):
        """Returns once `asking`, a program, succeeds."""
        for _ in range(600):
            if self.process.poll() is not None:
                break
            if subprocess.run(asking, capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as log:
            sys.exit(f"the server did not start: {log.read()[-2000:]}")

    def cpu_seconds(self):
        """CPU time of the server, with all its processes that have ended."""
        return cpu_seconds(self.process.pid)

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class PostgreSQL(Server):
    """Durable as by default; memory for the table, no autovacuum in the middle of a figure."""

    owner = "postgres"
    stop_signal = signal.SIGINT
    name = "PostgreSQL"
    port = 5432

    def __init__(self):
        super().__init__()
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.programs = str(versions[-1])
        self.login = ["-h", self.directory, "-p", str(self.port), "-U", "bench"]

    def __enter__(self):
        data = os.path.join(self.directory, "data")
        self.prepare(
            [f"{self.programs}/initdb", "-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.directory,
            "port": self.port,
            "shared_buffers": "1GB",
            "max_wal_size": "4GB",
            "autovacuum": "off",
            "shared_preload_libraries": "pg_stat_statements",
            "pg_stat_statements.track": "all",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.start([f"{self.programs}/postgres", "-D", data, *words])
        self.wait_until_ready([f"{self.programs}/pg_isready", *self.login, "-d", "postgres"])
        return self

    def log_size(self):
        """Where the server's log ends."""
        return os.path.getsize(os.path.join(self.directory, "log"))

    def log_since(self, begin):
        """What the server has logged since."""
        with open(os.path.join(self.directory, "log"), "rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")

    def psql(self, sql, database="postgres"):
        """What statements print, unaligned."""
        return self.client(sql, database).output.strip()

    def client(self, sql, database):
        """Runs statements in one process of the server's client."""
        arguments = [f"{self.programs}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *self.login]
        return run([*arguments, "-d", database, "-c", sql])

    def create(self, database):
        """An empty database; one of that name is gone first."""
        self.psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.psql(f'CREATE DATABASE "{database}" TEMPLATE template0')

    def target(self, database):
        """As a rollout file names it."""
        return f"{{engine: postgresql, host: {self.directory}, port: {self.port}, database: {database}, user: bench}}"

    def data_diff(self, database):
        """As data-diff names it."""
        return {
            "driver": "postgresql",
            "host": self.directory,
            "port": self.port,
            "user": "bench",
            "password": "-",
            "dbname": database,
        }

    def fill(self):
        """Three databases with one table: all rows, the same again, and a tenth of them."""
        columns = """
            id bigint PRIMARY KEY, account_id integer NOT NULL, instrument_id integer NOT NULL,
            quantity integer NOT NULL, price numeric(12,4) NOT NULL, status varchar(12) NOT NULL, note text,
            traded_at timestamp NOT NULL
            """
        rows = """
            SELECT i, i * 7919 % 100000, i * 31 % 500, i % 997, (i * 104729 % 100000000) / 10000.0,
                (ARRAY['open', 'filled', 'cancelled', 'settled'])[i % 4 + 1],
                CASE WHEN i % 10 > 0 THEN repeat(chr((97 + i % 26)::int), 30) || ' order ' || i END,
                timestamp '2024-01-01' + i * interval '7 s'
            """
        for database, count in (("bench", ROWS), ("tenth", ROWS // 10)):
            self.create(database)
            self.psql(f"CREATE TABLE trades ({columns})", database)
            self.psql(f"INSERT INTO trades {rows} FROM generate_series(1::bigint, {count}) AS i", database)
            self.psql("VACUUM ANALYZE", database)
        self.psql("DROP DATABASE IF EXISTS copy")
        self.psql("CREATE DATABASE copy TEMPLATE bench STRATEGY file_copy")
        self.psql("CHECKPOINT")


class MariaDB(Server):
    """Durable as by default; memory for the tables."""

    owner = "mysql"
    name = "MariaDB"

    def __init__(self):
        super().__init__()
        self.socket = os.path.join(self.directory, "s")
        self.login = ["--no-defaults", f"--socket={self.socket}", "--user=bench"]

    def __enter__(self):
        data = os.path.join(self.directory, "data")
        self.prepare(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ]
        )
        grants = os.path.join(self.directory, "init.sql")
        pathlib.Path(grants).write_text(
            "CREATE USER IF NOT EXISTS bench@localhost;\nGRANT ALL ON *.* TO bench@localhost WITH GRANT OPTION;\n",
            encoding="utf-8",
        )
        os.chmod(grants, 0o644)
        self.start(
            [
                shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin"),
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={self.socket}",
                "--skip-networking",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--innodb-buffer-pool-size=4G",
                "--innodb-log-file-size=1G",
                f"--init-file={grants}",
            ]
        )
        self.wait_until_ready(["mariadb", *self.login, "-e", "SELECT 1"])
        return self

    def client(self, sql, database):
        """Runs statements in one process of the server's client."""
        return run(["mariadb", *self.login, "-N", "-B", "-e", sql, database])

    def create(self, database):
        """An empty database; one of that name is gone first."""
        self.client(f"DROP DATABASE IF EXISTS `{database}`; CREATE DATABASE `{database}`", "mysql")

    def target(self, database):
        """As a rollout file names it."""
        return f"{{engine: mariadb, host: {self.socket}, database: {database}, user: bench}}"

    def data_diff(self, database):
        """As data-diff names it."""
        return {"driver": "mysql", "unix_socket": self.socket, "user": "bench", "password": "", "database": database}

    def fill(self):
        """Three databases with one table: all rows, the same again, and a tenth of them."""
        columns = """
            id bigint PRIMARY KEY, account_id int NOT NULL, instrument_id int NOT NULL, quantity int NOT NULL,
            price decimal(12,4) NOT NULL, status varchar(12) NOT NULL, note text, traded_at datetime NOT NULL
            """
        rows = """
            SELECT seq, seq * 7919 % 100000, seq * 31 % 500, seq % 997, (seq * 104729 % 100000000) / 10000,
                ELT(seq % 4 + 1, 'open', 'filled', 'cancelled', 'settled'),
                IF(seq % 10 > 0, CONCAT(REPEAT(CHAR(97 + seq % 26 USING utf8mb4), 30), ' order ', seq), NULL),
                TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq * 7 SECOND
            """
        # In pieces, so that no transaction gets larger than the log.
        piece = 500_000
        for database, count in (("bench", ROWS), ("copy", ROWS), ("tenth", ROWS // 10)):
            self.create(database)
            self.client(f"CREATE TABLE trades ({columns})", database)
            for first in range(1, count + 1, piece):
                last = min(count, first + piece - 1)
                source = f"{rows} FROM seq_{first}_to_{last}"
                if database == "copy":
                    source = f"SELECT * FROM bench.trades WHERE id BETWEEN {first} AND {last}"
                self.client(f"INSERT INTO trades {source}", database)
            self.client("ANALYZE TABLE trades", database)


def cpu_seconds(process):
    """User and system time of a process and of the children it has waited for."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


# MARK: Our side


class Phasegate:
    """Our program on plans that are written here."""

    def __init__(self, program, work):
        self.program, self.work = program, work

    def plan(self, name, text):
        """Writes a rollout file into an empty workspace."""
        home = os.path.join(self.work, name)
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        pathlib.Path(home, "rollout.yaml").write_text(text, encoding="utf-8")
        return home

    def run(self, home, verb="check", accepting=(0,)):
        """Runs a verb from the beginning, and reads the report it wrote."""
        for name in (".phasegate", "reports"):
            shutil.rmtree(os.path.join(home, name), ignore_errors=True)
        reports = os.path.join(home, "reports")
        finished = run(
            [self.program, verb, os.path.join(home, "rollout.yaml"), "--workspace", home, "--reports", reports],
            accepting=accepting,
        )
        with open(os.path.join(reports, "report.json"), encoding="utf-8") as file:
            finished.report = json.load(file)
        finished.criteria = {
            criterion["name"]: criterion for phase in finished.report["phases"] for criterion in phase["criteria"]
        }
        return finished


def reading(finished, criterion):
    """What a criterion measured, and the seconds that took; one that did not pass stops the benchmarks."""
    found = finished.criteria[criterion]
    finding = found.get("finding", {})
    if finding.get("outcome") != "pass":
        sys.exit(f"'{criterion}' did not pass: {json.dumps(found, indent=2)[:3000]}")
    return finding["observed"], found["tookMilliseconds"] / 1000


ONE_PHASE = """
phasegate: 1
rollout: bench
title: A benchmark
targets:
{targets}
{more}
phases:
  - name: measure
    reversibility: reversible
    preconditions:
{criteria}
    success:
      - {{name: done, source: B-1, probe: {{kind: sql, query: SELECT 1}}, must: "= 1"}}
"""


def one_phase(targets, criteria, more=""):
    """A plan whose entry gate has these criteria."""
    places = "\n".join(f"  {name}: {target}" for name, target in targets.items())
    lines = "\n".join(f"      - {criterion}" for criterion in criteria)
    return ONE_PHASE.format(targets=places, more=more, criteria=lines)


# MARK: The table


class Table:
    """The figures, in the order they are taken."""

    def __init__(self):
        self.figures = []

    def enter(self, name, ours, theirs, unit):
        """Enters a figure and shows it at once."""
        figure = {"name": name, "ours": ours, "theirs": theirs, "unit": unit, "ratio": ours / theirs}
        figure["bound"] = BOUNDS.get(name)
        self.figures.append(figure)
        print(self.line(figure), flush=True)

    @staticmethod
    def is_missed(figure):
        """Injected latencies must not be measured too small either."""
        bound = figure["bound"]
        if bound is None:
            return False
        if figure["name"].endswith("injected") and figure["ratio"] < 2 - bound:
            return True
        return not figure["ratio"] <= bound

    def line(self, figure):
        """As a line of a table."""
        bound = figure["bound"]
        shown = "" if bound is None else f"{bound:.3g}"
        verdict = "" if bound is None else "MISSED" if self.is_missed(figure) else "ok"
        numbers = f"{figure['ours']:.3g} | {figure['theirs']:.3g} | {figure['unit']} | {figure['ratio']:.3g}"
        return f"| {figure['name']} | {numbers} | {shown} | {verdict} |"

    def close(self, path, is_complete):
        """Prints everything, writes it, and says whether all is well."""
        print("\n| figure | ours | theirs | unit | ratio | at most | |\n|---|---|---|---|---|---|---|")
        for figure in self.figures:
            print(self.line(figure))
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"rows": ROWS, "rounds": ROUNDS, "figures": self.figures}, file, indent=2)
        unmeasured = set(BOUNDS) - {figure["name"] for figure in self.figures} if is_complete else set()
        for name in sorted(unmeasured):
            print(f"NOT MEASURED: {name}")
        return not unmeasured and not any(self.is_missed(figure) for figure in self.figures)


def say(text):
    """Something for whoever watches."""
    print(text, flush=True)


# MARK: Content hash


class Hashing:
    """Content hashes beside what counts, checksums or compares the same rows."""

    def __init__(self, server, phasegate, table, work):
        self.server, self.phasegate, self.table, self.work = server, phasegate, table, work
        # PostgreSQL spreads one statement over its workers; on MariaDB two connections share the work.
        shared = ", parallel: 2, piece: 1000000" if server.name == "MariaDB" else ""
        self.homes = {
            "one": self.plan("one", {"main": "bench"}),
            "shared": self.plan("shared", {"main": "bench"}, shared),
            "two": self.plan("two", {"main": "bench", "copy": "copy"}, shared),
            "pieces": self.plan("pieces", {"main": "bench"}, ", piece: 100000"),
            "tenth": self.plan("tenth", {"main": "tenth"}),
        }
        self.settings = os.path.join(work, "data-diff.toml")
        self.write_settings()

    def plan(self, name, databases, more=""):
        """A rollout that hashes the table in each of the databases."""
        targets = {target: self.server.target(database) for target, database in databases.items()}
        criteria = [
            f"{{name: {target}, source: B-1, probe: {{kind: content-hash, tables: trades, target: {target}{more}}}, "
            'must: "!= none", deadline: 60 min}'
            for target in targets
        ]
        return self.phasegate.plan(f"hash-{self.server.name}-{name}", one_phase(targets, criteria))

    def ours(self, name, rows=ROWS):
        """Hashes; `reading_seconds` is what the report says that the criteria took."""
        finished = self.phasegate.run(self.homes[name])
        readings = [reading(finished, criterion) for criterion in finished.criteria if criterion != "done"]
        finished.reading_seconds = sum(seconds for _, seconds in readings)
        hashes = {hashed for hashed, _ in readings}
        if len(hashes) != 1 or f" {rows}:" not in hashes.pop():
            sys.exit(f"these are not {rows} equal rows: {readings}")
        return finished

    def count(self):
        """All rows, counted."""
        finished = self.server.client("SELECT count(*) FROM trades", "bench")
        if int(finished.output) != ROWS:
            sys.exit(f"there are {finished.output} rows")
        return finished

    def write_settings(self):
        """What data-diff is to compare; an address on its command line has no place for a socket."""
        lines = []
        for name, database in (("a", "bench"), ("b", "copy")):
            lines.append(f"[database.{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in self.server.data_diff(database).items()]
        lines += ["[run.default]", "verbose = false", "[run.both]"]
        for number, name in (("1", "a"), ("2", "b")):
            lines += [f'{number}.database = "{name}"', f'{number}.table = "trades"']
        pathlib.Path(self.settings).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def data_diff(self, threads):
        """Compares the two databases by hashing both sides."""
        arguments = ["--conf", self.settings, "--run", "both", "--no-tracking", "--algorithm", "hashdiff"]
        arguments += ["--key-columns", "id", "--columns", "%", "--threads", threads, "--stats"]
        finished = run([os.path.join(self.work, "venv/bin/data-diff"), *arguments])
        if f"{ROWS} rows unchanged" not in finished.output:
            sys.exit(f"data-diff did not find {ROWS} equal rows:\n{finished.output[-2000:]}")
        return finished

    def pt_table_checksum(self, function):
        """Checksums the table in one database, and nothing else."""
        arguments = [f"--socket={self.server.socket}", "--user=bench", "--databases=bench", "--tables=trades"]
        arguments += ["--no-check-binlog-format", "--no-check-replication-filters", "--no-replicate-check"]
        arguments += ["--no-version-check", "--recursion-method=none", f"--function={function}"]
        finished = run(["pt-table-checksum", *arguments])
        checked = self.server.client("SELECT sum(this_cnt), count(*) FROM checksums", "percona").output.split()
        fields = finished.output.splitlines()[-1].split()
        # TS ERRORS DIFFS ROWS DIFF_ROWS CHUNKS SKIPPED TIME TABLE
        if int(checked[0]) != ROWS or (fields[1], fields[6], fields[8]) != ("0", "0", "bench.trades"):
            sys.exit(f"pt-table-checksum left something out: {checked}\n{finished.output[-2000:]}")
        return finished

    def __call__(self):
        """Times everything in turn."""
        works = {
            "count": self.count,
            "one": lambda: self.ours("one"),
            "shared": lambda: self.ours("shared"),
            "two": lambda: self.ours("two"),
            "tenth": lambda: self.ours("tenth", ROWS // 10),
            "pieces": lambda: self.ours("pieces"),
            "data-diff, 1 thread": lambda: self.data_diff(1),
            "data-diff, 4 threads": lambda: self.data_diff(4),
        }
        if self.server.name == "MariaDB":
            works["pt-table-checksum"] = lambda: self.pt_table_checksum("CRC32")
            works["pt-table-checksum by MD5"] = lambda: self.pt_table_checksum("MD5")
        runs = dict(zip(works, in_turn(ROUNDS, *works.values())))
        seconds = {name: median_of(found) for name, found in runs.items()}
        readings = {name: statistics.median(run.reading_seconds for run in runs[name]) for name in ("one", "pieces")}
        server, enter = self.server.name, self.table.enter
        enter(f"{server}: content hash, the reading / count(*)", readings["one"], seconds["count"], "s")
        enter(f"{server}: content hash, whole check / count(*)", seconds["one"], seconds["count"], "s")
        if self.server.name == "MariaDB":
            enter(f"{server}: content hash, two pieces at once / in one", seconds["shared"], seconds["one"], "s")
            theirs = seconds["pt-table-checksum"]
            enter(f"{server}: content hash, two pieces at once / pt-table-checksum", seconds["shared"], theirs, "s")
            enter(f"{server}: content hash in one / pt-table-checksum", seconds["one"], theirs, "s")
            slower = seconds["pt-table-checksum by MD5"]
            enter(f"{server}: content hash in one / pt-table-checksum --function=MD5", seconds["one"], slower, "s")
        # Beside the faster of the two.
        threads = min(("data-diff, 1 thread", "data-diff, 4 threads"), key=lambda name: seconds[name])
        say(
            f"   data-diff took {seconds['data-diff, 1 thread']:.2f} s with 1 thread, "
            f"{seconds['data-diff, 4 threads']:.2f} s with 4"
        )
        enter(f"{server}: content hash of two copies / data-diff", seconds["two"], seconds[threads], "s")
        enter(f"{server}: content hash in pieces of 100,000 / in one", readings["pieces"], readings["one"], "s")
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        peaks = {name: max(run.peak_mb for run in runs[name]) for name in ("one", "tenth")}
        if min(peaks.values()) <= own:
            sys.exit(f"a program's memory cannot be told from ours, which it begins with: {own:.0f} MB")
        enter(f"{server}: memory hashing all rows / a tenth", peaks["one"], peaks["tenth"], "MB")
        theirs = max(run.peak_mb for run in runs[threads])
        enter(f"{server}: memory hashing all rows / data-diff's", peaks["one"], theirs, "MB")


# MARK: Restore


class Restoring:
    """The proof of a dump at level 4 beside restoring it and nothing else."""

    def __init__(self, server, phasegate, table):
        self.server, self.table, self.phasegate = server, table, phasegate
        criterion = "{name: backup, source: B-1, probe: {kind: backup, level: content, max-age: 1 d}, "
        criterion += "must: verified, deadline: 120 min}"
        self.home = phasegate.plan("restore", one_phase({"main": server.target("bench")}, [criterion]))

    def ours(self):
        """Proves the newest backup; takes one where there is none yet."""
        finished = self.phasegate.run(self.home)
        _, finished.reading_seconds = reading(finished, "backup")
        notes = " ".join(finished.criteria["backup"]["notes"])
        finished.restore_seconds = float(re.search(r"restored in ([0-9.]+) s", notes)[1])
        return finished

    def artifact(self):
        """The dump; there is one, or something is wrong."""
        (found,) = pathlib.Path(self.home, "backups").glob("*.dump")
        return str(found)

    def theirs(self, *options):
        """A new database and `pg_restore`, as a person would."""
        programs, login = self.server.programs, self.server.login
        self.server.psql("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        created = run([f"{programs}/createdb", *login, "--template=template0", "restored"])
        words = ["--exit-on-error", "--no-owner", "--no-privileges", *options, "--dbname=restored"]
        restored = run([f"{programs}/pg_restore", *login, *words, self.artifact()])
        if int(self.server.psql("SELECT count(*) FROM trades", "restored")) != ROWS:
            sys.exit("pg_restore did not bring all rows back")
        restored.seconds += created.seconds
        return restored

    def parts(self):
        """What else a proof does, each by itself: where the time goes."""
        artifact, programs = self.artifact(), self.server.programs
        digest = run(["sha256sum", artifact])
        decoded = run([f"{programs}/pg_restore", "--file=/dev/null", artifact])
        return digest.seconds, decoded.seconds

    def __call__(self):
        """Takes the backup, then times proofs and restores in turn."""
        taken = self.ours()
        megabytes = os.path.getsize(self.artifact()) / 1e6
        ours, theirs, double = in_turn(ROUNDS, self.ours, self.theirs, lambda: self.theirs("--jobs=2"))
        self.artifact()
        self.server.psql("DROP DATABASE restored WITH (FORCE)")
        digest, decoded = self.parts()
        proof = statistics.median(run.reading_seconds for run in ours)
        restore = statistics.median(run.restore_seconds for run in ours)
        say(f"   a dump of {megabytes:.0f} MB, taken and proven in {taken.reading_seconds:.1f} s")
        say(
            f"   of {proof:.1f} s of proof {restore:.1f} s are createdb and pg_restore, with decoding beside them "
            f"({decoded:.1f} s alone); before them SHA-256 ({digest:.1f} s by sha256sum); then hashing and dropping"
        )
        name = "PostgreSQL: proof of a dump at level 4"
        self.table.enter(f"{name} / createdb, pg_restore", proof, median_of(theirs), "s")
        self.table.enter(f"{name} / createdb, pg_restore --jobs=2", proof, median_of(double), "s")
        self.table.enter(f"{name}: its own pg_restore / pg_restore alone", restore, median_of(theirs), "s")


# MARK: Migrations


def small_migration(number):
    """One statement, and the one that takes it back: every fourth makes a table, the others change it."""
    table = f"item_{(number + 3) // 4}"
    return {
        1: (
            f"CREATE TABLE {table} (id bigint PRIMARY KEY, name text NOT NULL);",
            f"DROP TABLE {table};",
        ),
        2: (
            f"ALTER TABLE {table} ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();",
            f"ALTER TABLE {table} DROP COLUMN created_at;",
        ),
        3: (
            f"ALTER TABLE {table} ADD COLUMN amount numeric(12,2);",
            f"ALTER TABLE {table} DROP COLUMN amount;",
        ),
        0: (
            f"CREATE INDEX {table}_name ON {table} (name);",
            f"DROP INDEX {table}_name;",
        ),
    }[number % 4]


class Migrating:
    """The same small migrations by us, `psql`, sqitch and alembic, each into a new database."""

    def __init__(self, server, phasegate, table, work):
        self.server, self.phasegate, self.table = server, phasegate, table
        self.work = os.path.join(work, "migrations")
        self.tools = os.path.join(work, "venv/bin")
        shutil.rmtree(self.work, ignore_errors=True)
        self.files = self.write_files()
        self.homes = {
            "default": self.plan("default", "", with_rollbacks=True),
            "lightest": self.plan("lightest", ", backup: artifact", with_rollbacks=True),
            "without rollbacks": self.plan("without-rollbacks", "", with_rollbacks=False),
        }
        self.write_sqitch()
        self.write_alembic()

    def write_files(self):
        """The files that `psql` is given."""
        home = pathlib.Path(self.work, "files")
        home.mkdir(parents=True)
        files = []
        for number in range(1, MIGRATIONS + 1):
            file = home / f"{number:03}_change.sql"
            file.write_text(small_migration(number)[0] + "\n", encoding="utf-8")
            files.append(str(file))
        return files

    def plan(self, name, backup, with_rollbacks):
        """A rollout whose one phase applies them all."""
        versions = ", ".join(str(number) for number in range(1, MIGRATIONS + 1))
        change = f"    change: {{migrations: migrations, versions: [{versions}], target: main{backup}}}"
        text = one_phase(
            {"main": self.server.target("migrated")},
            ["{name: reachable, source: B-1, probe: {kind: sql, query: SELECT 1}, must: \"= 1\"}"],
        )
        kind = "reversible" if with_rollbacks else "irreversible"
        text = text.replace("    reversibility: reversible", f"    reversibility: {kind}\n{change}")
        home = self.phasegate.plan(f"migrations-{name}", text)
        rollbacks = pathlib.Path(home, "migrations", "rollback")
        rollbacks.mkdir(parents=True)
        for number, file in enumerate(self.files, 1):
            shutil.copy(file, rollbacks.parent)
            if with_rollbacks:
                back = rollbacks / f"{number:03}_rollback.sql"
                back.write_text(small_migration(number)[1] + "\n", encoding="utf-8")
        return home

    def write_sqitch(self):
        """A project with the same statements, as `sqitch add` makes them."""
        home = pathlib.Path(self.work, "sqitch")
        for name in ("deploy", "revert", "verify"):
            (home / name).mkdir(parents=True)
        plan = ["%syntax-version=1.0.0", "%project=bench", ""]
        for number in range(1, MIGRATIONS + 1):
            up, down = small_migration(number)
            name = f"change_{number:03}"
            (home / "deploy" / f"{name}.sql").write_text(f"BEGIN;\n{up}\nCOMMIT;\n", encoding="utf-8")
            (home / "revert" / f"{name}.sql").write_text(f"BEGIN;\n{down}\nCOMMIT;\n", encoding="utf-8")
            plan.append(f"{name} 2026-01-01T00:{number // 60:02}:{number % 60:02}Z Bench <bench@example.org> # {name}")
        (home / "sqitch.plan").write_text("\n".join(plan) + "\n", encoding="utf-8")
        (home / "sqitch.conf").write_text("[core]\n\tengine = pg\n", encoding="utf-8")

    def write_alembic(self):
        """A project with the same statements, as `alembic revision` makes them."""
        home = pathlib.Path(self.work, "alembic")
        home.mkdir()
        run([f"{self.tools}/alembic", "init", "migrations"], directory=home)
        address = f"postgresql+psycopg2://bench@/migrated?host={self.server.directory}&port={self.server.port}"
        settings = home / "alembic.ini"
        text = re.sub(r"(?m)^sqlalchemy\.url.*$", lambda _: f"sqlalchemy.url = {address}", settings.read_text("utf-8"))
        settings.write_text(text, encoding="utf-8")
        for number in range(1, MIGRATIONS + 1):
            up, down = small_migration(number)
            before = f"'{number - 1:012}'" if number > 1 else "None"
            lines = [f"revision = '{number:012}'", f"down_revision = {before}", "from alembic import op"]
            lines += [f"def upgrade():\n    op.execute({up!r})", f"def downgrade():\n    op.execute({down!r})"]
            file = home / "migrations" / "versions" / f"{number:012}_change.py"
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def begin_anew(self):
        """The database before the first migration: somebody's table, not much in it."""
        self.server.create("migrated")
        self.server.psql(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text);"
            "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 1000) AS i; ANALYZE",
            "migrated",
        )
        self.server.psql("CHECKPOINT")

    def check(self):
        """Everything is there, or the figure is none."""
        found = self.server.psql(
            "SELECT count(*) || ' ' || (SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'item%name') "
            "FROM information_schema.columns WHERE table_name LIKE 'item%'",
            "migrated",
        )
        if found != f"{MIGRATIONS} {MIGRATIONS // 4}":
            sys.exit(f"not all migrations were applied: {found}")

    def anew(self, work):
        """Times something on a new database, and looks at what became of it."""

        def timed():
            self.begin_anew()
            finished = work()
            self.check()
            return finished

        return timed

    def ours(self, name):
        """`phasegate run` from a new ledger to the end; backups of an earlier round are cleared away."""
        shutil.rmtree(os.path.join(self.homes[name], "backups"), ignore_errors=True)
        finished = self.phasegate.run(self.homes[name], "run")
        finished.home = self.homes[name]
        finished.applying_seconds = self.applying(finished)
        return finished

    def applying(self, finished):
        """Seconds from the end of the first migration, before which all are proven, to the end of the last."""
        with contextlib.closing(sqlite3.connect(os.path.join(finished.home, ".phasegate", "ledger.sqlite"))) as ledger:
            rows = ledger.execute("SELECT at FROM entries WHERE event LIKE '{\"acted\"%' ORDER BY sequence").fetchall()
        if len(rows) != MIGRATIONS:
            sys.exit(f"the ledger has {len(rows)} steps")
        first, last = (datetime.datetime.fromisoformat(at) for (at,) in (rows[0], rows[-1]))
        return (last - first).total_seconds()

    def psql_each(self):
        """One process for each file, as a shell's loop starts them."""
        login = " ".join(self.server.login)
        program = f"{self.server.programs}/psql -X -q -1 -v ON_ERROR_STOP=1 {login} -d migrated"
        return run(["sh", "-ec", f'for file in "$@"; do {program} -f "$file"; done', "sh", *self.files])

    def psql_once(self):
        """One process for all files."""
        words = [word for file in self.files for word in ("-f", file)]
        arguments = [f"{self.server.programs}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *self.server.login]
        return run([*arguments, "-d", "migrated", *words])

    def sqitch(self):
        """`sqitch deploy`, which keeps its registry in the same database."""
        address = f"db:pg://bench@/migrated?host={self.server.directory}&port={self.server.port}"
        environment = {"SQITCH_FULLNAME": "Bench", "SQITCH_EMAIL": "bench@example.org"}
        environment["PATH"] = f"{self.server.programs}:{os.environ['PATH']}"
        return run(["sqitch", "deploy", address], environment=environment, directory=f"{self.work}/sqitch")

    def alembic(self):
        """`alembic upgrade head`."""
        return run([f"{self.tools}/alembic", "upgrade", "head"], directory=f"{self.work}/alembic")

    def __call__(self):
        """Times all of them in turn; the plan that takes a backup before each of them once."""
        works = {
            "psql -f, one process each": self.psql_each,
            "psql -f, one process": self.psql_once,
            "sqitch deploy": self.sqitch,
            "alembic upgrade head": self.alembic,
            "default": lambda: self.ours("default"),
            "lightest": lambda: self.ours("lightest"),
        }
        runs = in_turn(ROUNDS, *(self.anew(work) for work in works.values()))
        seconds = {name: median_of(found) for name, found in zip(works, runs)}
        seconds["without rollbacks"] = self.anew(lambda: self.ours("without rollbacks"))().seconds
        plans = {
            "default": "as planned by default",
            "lightest": "with backup: artifact",
            "without rollbacks": "without rollbacks",
        }
        for plan, words in plans.items():
            for name in list(works)[:4]:
                figure = f"{MIGRATIONS} migrations {words} / {name}"
                self.table.enter(figure, seconds[plan], seconds[name], "s")
        applying = statistics.median(run.applying_seconds for run in runs[list(works).index("default")])
        figure = f"{MIGRATIONS - 1} migrations that are proven already / psql -f, one process each"
        self.table.enter(figure, applying, seconds["psql -f, one process each"] * (1 - 1 / MIGRATIONS), "s")
        self.server.psql("DROP DATABASE migrated WITH (FORCE)")


# MARK: Latency


class Timing:
    """Percentiles of a workload whose latencies are known, and what else reaches the server."""

    percents = (50, 95, 99)

    def __init__(self, server, phasegate, table, work, mix, samples):
        self.server, self.phasegate, self.table = server, phasegate, table
        # Milliseconds, and how many of a hundred executions sleep that long: 90, 8 and 2 of them,
        # so that the percentiles lie well within.
        self.mix, self.samples = dict(zip(mix, (90, 8, 2))), samples
        self.injected = dict(zip(self.percents, mix))
        self.name = f"latency of {'/'.join(str(milliseconds) for milliseconds in mix)} ms"
        self.work = os.path.join(work, "latency")
        values = [milliseconds for milliseconds, share in self.mix.items() for _ in range(share)]
        workload = (
            f"workloads:\n  sleeping:\n    target: main\n    samples: {samples}\n    warmup: 0\n    queries:\n"
            f"      - sql: SELECT pg_sleep(:ms / 1000.0)\n        parameters: {{ms: {{values: {values}}}}}\n"
        )
        criteria = [
            f"{{name: p{percent}, source: B-1, probe: {{kind: latency, workload: sleeping, percentile: {percent}}}, "
            'must: "< 1 s", deadline: 5 min}'
            for percent in self.percents
        ]
        self.home = phasegate.plan("latency", one_phase({"main": server.target("latency")}, criteria, workload))

    def ours(self):
        """The probe; statements and CPU time are the server's for the whole check."""
        self.server.psql("SELECT pg_stat_statements_reset()", "latency")
        finished, finished.cpu_seconds = self.with_cpu(lambda: self.phasegate.run(self.home))
        finished.latencies = {
            percent: float(reading(finished, f"p{percent}")[0].split()[0]) for percent in self.percents
        }
        finished.statements = self.statements()
        return finished

    def logged(self):
        """The probe once more, and what the server wrote into its log of every execution."""
        self.server.psql("ALTER DATABASE latency SET log_min_duration_statement = 0")
        begin = self.server.log_size()
        finished = self.ours()
        lines = self.server.log_since(begin).splitlines()
        self.server.psql("ALTER DATABASE latency RESET log_min_duration_statement")
        durations = re.compile(r"duration: ([0-9.]+) ms +execute .*pg_sleep")
        taken = sorted(float(found[1]) for line in lines if (found := durations.search(line)))
        if len(taken) != self.samples:
            sys.exit(f"the server logged {len(taken)} executions")
        finished.by_server = self.percentiles(taken)
        return finished

    def percentiles(self, taken):
        """The smallest values that so many percent of sorted ones do not exceed."""
        return {percent: taken[max(0, -(-len(taken) * percent // 100) - 1)] for percent in self.percents}

    def with_cpu(self, work):
        """What something gave, and the server's CPU time meanwhile; a session's counts when it has been waited for."""
        time.sleep(1)
        before = self.server.cpu_seconds()
        finished = work()
        time.sleep(1)
        return finished, self.server.cpu_seconds() - before

    def statements(self):
        """What was called how often, the sleeping first."""
        text = self.server.psql(
            "SELECT calls, round(total_exec_time::numeric, 2), regexp_replace(query, '\\s+', ' ', 'g') "
            "FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' "
            "AND dbid = (SELECT oid FROM pg_database WHERE datname = 'latency')",
            "latency",
        )
        return [line.split("|", 2) for line in text.splitlines()]

    def theirs(self):
        """pgbench with the same mix: its own clock, its own log."""
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        script = ["\\set draw random(1, 100)"]
        upto, word = 0, "if"
        for milliseconds, share in self.mix.items():
            upto += share
            script += [f"\\{word} :draw <= {upto}", f"\\set ms {milliseconds}"]
            word = "elif"
        script += ["\\endif", "SELECT pg_sleep(:ms / 1000.0);"]
        pathlib.Path(self.work, "mix.sql").write_text("\n".join(script) + "\n", encoding="utf-8")
        arguments = ["-n", "-M", "prepared", "-c", 1, "-t", self.samples, "-f", "mix.sql", "--log", "--random-seed=1"]
        program = [f"{self.server.programs}/pgbench", *self.server.login, *arguments, "latency"]
        finished, finished.cpu_seconds = self.with_cpu(lambda: run(program, directory=self.work))
        (log,) = pathlib.Path(self.work).glob("pgbench_log.*")
        taken = sorted(int(line.split()[2]) / 1000 for line in log.read_text("utf-8").splitlines())
        finished.latencies = self.percentiles(taken)
        return finished

    def __call__(self):
        """Times both in turn."""
        self.server.create("latency")
        self.server.psql("CREATE EXTENSION pg_stat_statements", "latency")
        ours, theirs = in_turn(ROUNDS, self.ours, self.theirs)
        logged = self.logged()
        for percent, injected in self.injected.items():
            measured, by_pgbench = (
                statistics.median(run.latencies[percent] for run in runs) for runs in (ours, theirs)
            )
            name, enter = f"{self.name}, p{percent}: measured", self.table.enter
            enter(f"{name} / injected", measured, injected, "ms")
            enter(f"{name} / by the server's own clock", logged.latencies[percent], logged.by_server[percent], "ms")
            enter(f"{name} / by pgbench", measured, by_pgbench, "ms")
        self.overhead(ours, theirs)
        self.server.psql("DROP DATABASE latency WITH (FORCE)")

    def overhead(self, ours, theirs):
        """What the server has to do besides the workload."""
        calls, spent, others = 0, [0, 0], {}
        for count, milliseconds, query in ours[-1].statements:
            is_ours = "pg_sleep" not in query
            spent[is_ours] += float(milliseconds)
            if is_ours:
                # Deadlines are counted down.
                words = re.sub(r"\d+", "N", query)
                others[words] = others.get(words, 0) + int(count)
            else:
                calls += int(count)
        if calls != self.samples:
            sys.exit(f"the workload was executed {calls} times")
        say(f"   beside {calls} executions of the workload the probe sent {sum(others.values())} statements:")
        for words, count in sorted(others.items(), key=lambda item: -item[1])[:8]:
            say(f"     {count} x {words[:100]}")
        self.table.enter(f"{self.name}: statements of our own / executions", sum(others.values()), calls, "")
        self.table.enter(f"{self.name}: time in statements of our own / in the workload", spent[1], spent[0], "ms")
        cpu = [statistics.median(run.cpu_seconds for run in runs) for runs in (ours, theirs)]
        self.table.enter(f"{self.name}: CPU time of the server / with pgbench", *cpu, "s")


# MARK: All of it

PARTS = ("hash", "restore", "migrations", "latency")


def main():
    """Starts the servers one after the other, and measures on them."""
    program, work, *parts = sys.argv[1:]
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    wanted = parts or PARTS
    # So that servers are stopped and directories removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    work = os.path.abspath(work)
    table = Table()
    phasegate = Phasegate(os.path.abspath(program), os.path.join(work, "servers"))
    with PostgreSQL() as server:
        if "migrations" in wanted:
            Migrating(server, phasegate, table, work)()
        if "latency" in wanted:
            for mix, samples in MIXES:
                Timing(server, phasegate, table, work, mix, samples)()
        if {"hash", "restore"} & set(wanted):
            say(f"   filling PostgreSQL with {ROWS:,} rows")
            server.fill()
        if "hash" in wanted:
            Hashing(server, phasegate, table, work)()
        if "restore" in wanted:
            Restoring(server, phasegate, table)()
    if "hash" in wanted:
        with MariaDB() as server:
            say(f"   filling MariaDB with {ROWS:,} rows")
            server.fill()
            Hashing(server, phasegate, table, work)()
    is_well = table.close(os.path.join(work, "results-servers.json"), is_complete=not parts)
    shutil.rmtree(os.path.join(work, "servers"), ignore_errors=True)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
