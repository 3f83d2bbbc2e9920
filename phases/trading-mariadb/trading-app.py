#!/usr/bin/env python3
"""The trading application, as far as the rollout has to do with it.

    trading-app.py traffic   users look at their exposure, open and close trades, until it is stopped
    trading-app.py golden    the risk calculation against worked examples        | wrong=N rows=N
    trading-app.py answers   what closed trades look like to their users         | digest=N
    trading-app.py smoke     the same screens with and without the new columns   | differing=N compared=N

The last three are drills for `command` probes and speak as monitoring plug-ins do. The database is the local MariaDB
server's (MYSQL_UNIX_PORT), its user trading_app, the password in TRADING_APP_PASSWORD.

The code knows both schemas: it looks up which columns and tables there are, and falls back to computing what it cannot
read. Flags decide who gets what is new:

    risk-management   stop loss and target for new trades; exposure from the sums of the new columns
    risk-cache        exposure from user_risk_cache, which every change of a user's trades clears in its own transaction
"""

import argparse
import csv
import os
import random
import signal
import sqlite3
import sys
import threading
import time
import zlib
from decimal import ROUND_HALF_UP, Decimal

DATABASE = "trading"
CENT = Decimal("0.01")
COLUMNS = {"position_percent", "stop_loss", "target_price", "allocation_amount"}


# The risk calculation: exact decimals, rounded half up, as the database rounds.


def rounded(value):
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def allocation(quantity, entry):
    """What a position takes up."""
    return rounded(quantity * entry)


def percent(allocated, capital):
    """The same in percent of the user's capital."""
    return rounded(allocated / capital * 100)


def protection(side, entry):
    """Stop loss 2 % against the position, target 4 % with it."""
    sign = 1 if side == "long" else -1
    return rounded(entry * (100 - 2 * sign) / 100), rounded(entry * (100 + 4 * sign) / 100)


# Flags: phasegate's store, and its way to sort users (docs in Sources/PhasegateFlags).


def murmur3(data, seed=0):
    """The 32-bit MurmurHash3 for x86."""
    mask = 0xFFFFFFFF

    def scrambled(block):
        product = block * 0xCC9E2D51 & mask
        return (product << 15 | product >> 17) * 0x1B873593 & mask

    value = seed
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        value ^= scrambled(int.from_bytes(data[at : at + 4], "little"))
        value = ((value << 13 | value >> 19) & mask) * 5 + 0xE6546B64 & mask
    value ^= scrambled(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & mask
    value = (value ^ value >> 13) * 0xC2B2AE35 & mask
    return value ^ value >> 16


def is_exposed(salt, share, user):
    """Whether a user is within a share of so many hundredths of a percent."""
    if share in (0, 10000):
        return share == 10000
    return murmur3(f"{salt}{user}".encode()) * 10000 >> 32 < share


class Flags:
    """Flags as the application sees them: read at most every 50 ms, the last value while they cannot be read."""

    def __init__(self, path):
        self.path, self.rules, self.read_at = path, {}, 0.0
        self.lock = threading.Lock()

    def exposed(self, flag, user):
        if time.monotonic() - self.read_at > 0.05 and self.lock.acquire(blocking=False):
            try:
                self.refresh()
            finally:
                self.lock.release()
        salt, share = self.rules.get(flag, (flag, 0))
        return is_exposed(salt, share, user)

    def refresh(self):
        self.read_at = time.monotonic()
        if not os.path.exists(self.path):
            return
        try:
            store = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=1)
            try:
                self.rules = {key: (salt, share) for key, salt, share in store.execute("SELECT key, salt, share_bp FROM flags")}
            finally:
                store.close()
        except sqlite3.Error as error:
            print(f"flags cannot be read: {error}", file=sys.stderr, flush=True)


# The database.


def connect():
    import pymysql  # Not needed for the drill of the calculation.

    return pymysql.connect(
        unix_socket=os.environ["MYSQL_UNIX_PORT"],
        user="trading_app",
        password=os.environ["TRADING_APP_PASSWORD"],
        database=DATABASE,
        charset="utf8mb4",
        autocommit=True,
        init_command="SET SESSION innodb_lock_wait_timeout = 2, lock_wait_timeout = 5, tx_isolation = 'READ-COMMITTED'",
    )


class Schema:
    """Which of the new columns and tables there are; looked up again every half second and when a statement fails for it."""

    def __init__(self, pretend_old=False):
        self.pretend_old, self.read_at = pretend_old, 0.0
        self.has_columns = self.has_cache = self.has_metrics = False

    def look(self, cursor, now=False):
        if not now and time.monotonic() - self.read_at < 0.5:
            return
        self.read_at = time.monotonic()
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = database() "
            "AND table_name IN ('trades', 'user_risk_cache', 'performance_metrics')"
        )
        found = cursor.fetchall()
        self.has_columns = not self.pretend_old and COLUMNS <= {column for table, column in found if table == "trades"}
        self.has_cache = not self.pretend_old and any(table == "user_risk_cache" for table, _ in found)
        self.has_metrics = any(table == "performance_metrics" for table, _ in found)


class Trading:
    """What a user can do, over one connection."""

    # What became of the new columns: read, not there, or there without a value.
    READ, MISSING, EMPTY = 0, 1, 2

    def __init__(self, schema, fault=None):
        self.connection = connect()
        self.schema, self.fault = schema, fault
        self.fallback, self.cached, self.lock_wait = 0, None, 0.0

    def exposure(self, user, is_new, is_cached):
        """Number of open trades, and what they take up, in money and in percent."""
        with self.connection.cursor() as cursor:
            self.schema.look(cursor)
            if is_new and self.fault == "lock-storm":
                self.storm(cursor)
            if is_cached and self.schema.has_cache:
                return self.cached_exposure(cursor, user, is_new)
            return self.read_exposure(cursor, user, is_new)

    def read_exposure(self, cursor, user, is_new):
        if is_new and self.schema.has_columns:
            cursor.execute(
                "SELECT count(*), coalesce(sum(allocation_amount), 0), coalesce(sum(position_percent), 0), "
                "count(allocation_amount) FROM trades WHERE user_id = %s AND outcome = 'open'",
                (user,),
            )
            count, allocated, share, filled = cursor.fetchone()
            if count == filled:
                self.fallback = self.READ
                return count, rounded(allocated), rounded(share)
        new = "allocation_amount, position_percent" if self.schema.has_columns else "NULL, NULL"
        cursor.execute("SELECT capital FROM users WHERE id = %s", (user,))
        (capital,) = cursor.fetchone()
        cursor.execute(
            f"SELECT quantity, entry_price, {new} FROM trades WHERE user_id = %s AND outcome = 'open'", (user,)
        )
        total, shares, rows, empty = Decimal(0), Decimal(0), cursor.fetchall(), 0
        for quantity, entry, allocated, share in rows:
            if allocated is None or share is None:
                empty += 1
                allocated = allocation(quantity, entry)
                share = percent(allocated, capital)
            total += allocated
            shares += share
        self.fallback = self.MISSING if not self.schema.has_columns else self.EMPTY if empty else self.READ
        return len(rows), rounded(total), rounded(shares)

    def cached_exposure(self, cursor, user, is_new):
        query = "SELECT open_trades, allocated, position_percent FROM user_risk_cache WHERE user_id = %s"
        cursor.execute(query, (user,))
        found = cursor.fetchone()
        self.cached = found is not None
        if found:
            return found[0], rounded(found[1]), rounded(found[2])
        # The user's row keeps changes of his trades out until the cache has what is read here.
        self.begin(cursor, user)
        answer = self.read_exposure(cursor, user, is_new)
        cursor.execute(
            "REPLACE INTO user_risk_cache (user_id, open_trades, allocated, position_percent) VALUES (%s, %s, %s, %s)",
            (user, *answer),
        )
        self.connection.commit()
        return answer

    def history(self, user):
        """The last trades that were won."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, symbol, quantity, entry_price, exit_price, profit FROM trades "
                "WHERE user_id = %s AND outcome = 'win' ORDER BY id DESC LIMIT 20",
                (user,),
            )
            return cursor.fetchall()

    def open(self, user, symbol, side, part, is_new):
        """Opens a trade that takes a part of the user's capital."""
        with self.connection.cursor() as cursor:
            self.schema.look(cursor)
            capital = self.begin(cursor, user)
            cursor.execute("SELECT last_price FROM instruments WHERE symbol = %s", (symbol,))
            (entry,) = cursor.fetchone()
            quantity = max(1, int(capital * part / entry))
            names, values = ["user_id", "symbol", "side", "quantity", "entry_price"], [user, symbol, side, quantity, entry]
            if self.schema.has_columns:
                # As soon as there is a place for it: the fallback then has less to do.
                allocated = allocation(quantity, entry)
                names += ["allocation_amount", "position_percent"]
                values += [allocated, percent(allocated, capital)]
                if is_new:
                    names += ["stop_loss", "target_price"]
                    values += protection(side, entry)
            cursor.execute(
                f"INSERT INTO trades ({', '.join(names)}, opened_at) "
                f"VALUES ({', '.join(['%s'] * len(names))}, UTC_TIMESTAMP(3))",
                values,
            )
            self.forget(cursor, user)
            self.connection.commit()

    def close_newest(self, user):
        """Closes the newest open trade of a user at the last price."""
        with self.connection.cursor() as cursor:
            self.schema.look(cursor)
            self.begin(cursor, user)
            began = time.monotonic()
            cursor.execute(
                "SELECT t.id, t.side, t.quantity, t.entry_price, i.last_price FROM trades t JOIN instruments i USING (symbol) "
                "WHERE t.user_id = %s AND t.outcome = 'open' ORDER BY t.id DESC LIMIT 1",
                (user,),
            )
            found = cursor.fetchone()
            if found:
                number, side, quantity, entry, price = found
                profit = rounded(quantity * (price - entry) * (1 if side == "long" else -1))
                outcome = "win" if profit > 0 else "loss" if profit < 0 else "break-even"
                cursor.execute(
                    "UPDATE trades SET outcome = %s, exit_price = %s, profit = %s, closed_at = UTC_TIMESTAMP(3) WHERE id = %s",
                    (outcome, price, profit, number),
                )
                self.lock_wait += time.monotonic() - began
                self.forget(cursor, user)
            self.connection.commit()

    def begin(self, cursor, user):
        """Begins a change of a user's trades: one at a time for each user."""
        self.connection.begin()
        began = time.monotonic()
        cursor.execute("SELECT capital FROM users WHERE id = %s FOR UPDATE", (user,))
        self.lock_wait += time.monotonic() - began
        return cursor.fetchone()[0]

    def forget(self, cursor, user):
        if self.schema.has_cache:
            cursor.execute("DELETE FROM user_risk_cache WHERE user_id = %s", (user,))

    def storm(self, cursor):
        """The planted mistake: a check that locks everybody's newest trades, and holds the locks while it thinks."""
        self.connection.begin()
        began = time.monotonic()
        cursor.execute("SELECT id FROM trades ORDER BY id DESC LIMIT 3000 FOR UPDATE")
        self.lock_wait += time.monotonic() - began
        cursor.fetchall()
        time.sleep(0.4)
        self.connection.commit()


CONNECTION, LOCK, SCHEMA, QUERY = "connection", "lock", "schema", "query"


def category(error):
    """What kind of failure it is."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if number in (2003, 2006, 2013, 1040, 1045, 1053):
        return CONNECTION
    if number in (1205, 1213, 3024, 1969):
        return LOCK
    if number in (1054, 1146, 1091):
        return SCHEMA
    return QUERY


class Worker(threading.Thread):
    """Serves invented users at a steady rate."""

    def __init__(self, app, number):
        super().__init__(name=f"worker-{number}")
        self.app, self.random = app, random.Random(app.seed * 1000 + number)
        self.trading = Trading(Schema(), app.fault)

    def run(self):
        interval = self.app.workers / self.app.rate
        due = time.monotonic() + interval * self.random.random()
        user, left = 0, 0
        while not self.app.stopping.is_set():
            pause = due - time.monotonic()
            if pause > 0:
                self.app.stopping.wait(min(pause, 0.1))
                continue
            if left == 0:
                # A user looks at several things before somebody else's turn comes.
                user, left = self.random.choice(self.app.users), self.random.randint(1, 5)
            left -= 1
            self.serve(user)
            due += interval * (0.5 + self.random.random())
            # Users who gave up do not come back at once.
            if time.monotonic() - due > 1:
                due = time.monotonic()

    def serve(self, user):
        kind = self.random.choices(["exposure", "history", "open", "close"], [68, 16, 9, 7])[0]
        symbol = self.random.choice(self.app.symbols)
        side = self.random.choice(["long", "long", "short"])
        part = Decimal(self.random.randint(2, 40)) / 1000
        is_new = self.app.flags.exposed("risk-management", user)
        is_cached = self.app.flags.exposed("risk-cache", user)
        trading = self.trading
        trading.fallback, trading.cached, trading.lock_wait = 0, None, 0.0
        began, failure = time.monotonic(), None
        for attempt in range(3):
            failure = self.attempt(kind, user, symbol, side, part, is_new, is_cached)
            # A deadlock's victim, and who still believes in a column that was taken back, come again.
            if failure is None or category(failure) not in (LOCK, SCHEMA) or failure.args[0] == 1205:
                break
        if failure is not None:
            print(f"{kind} of user {user} failed: {failure}", file=sys.stderr, flush=True)
        self.app.add(
            (
                int(time.time() * 1000),
                user,
                kind,
                "new" if is_new else "old",
                int((time.monotonic() - began) * 1e6),
                int(failure is None),
                failure and category(failure),
                trading.fallback if kind == "exposure" else None,
                None if trading.cached is None else int(trading.cached),
                int(trading.lock_wait * 1e6),
            )
        )

    def attempt(self, kind, user, symbol, side, part, is_new, is_cached):
        """Returns what went wrong, if anything."""
        trading = self.trading
        try:
            if kind == "exposure":
                trading.exposure(user, is_new, is_cached)
            elif kind == "history":
                trading.history(user)
            elif kind == "open":
                trading.open(user, symbol, side, part, is_new)
            else:
                trading.close_newest(user)
        except Exception as error:
            try:
                trading.connection.rollback()
                if category(error) == SCHEMA:
                    with trading.connection.cursor() as cursor:
                        trading.schema.look(cursor, now=True)
            except Exception:
                try:
                    trading.connection.close()
                    trading.connection = connect()
                except Exception as lost:
                    return lost
            return error
        return None


class Application:
    """Workers, and what is written down of them."""

    def __init__(self, options):
        self.rate, self.workers, self.seed, self.fault = options.rate, options.workers, options.seed, options.fault
        self.flags, self.stopping = Flags(options.flags), threading.Event()
        self.samples, self.lock = [], threading.Lock()
        self.database = connect()
        with self.database.cursor() as cursor:
            cursor.execute("SELECT id FROM users ORDER BY id")
            self.users = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT symbol FROM instruments ORDER BY symbol")
            self.symbols = [row[0] for row in cursor.fetchall()]
        self.schema = Schema()
        # Apart from the trading database, so that it tells the truth when that is in trouble.
        self.telemetry = sqlite3.connect(options.telemetry, timeout=5)
        self.telemetry.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = OFF;
            CREATE TABLE IF NOT EXISTS requests (
                at_ms INTEGER NOT NULL,
                user_id INTEGER NOT NULL,
                kind TEXT NOT NULL,
                variant TEXT NOT NULL,
                latency_us INTEGER NOT NULL,
                ok INTEGER NOT NULL,
                category TEXT,
                fallback INTEGER, -- exposure only: 0 columns read, 1 columns not there, 2 columns without a value
                cached INTEGER, -- 1 hit, 0 miss, NULL where no cache was asked
                lock_wait_us INTEGER NOT NULL
            );
            CREATE INDEX IF NOT EXISTS requests_by_time ON requests(at_ms);
            """
        )

    def add(self, sample):
        with self.lock:
            self.samples.append(sample)

    def run(self):
        workers = [Worker(self, number) for number in range(self.workers)]
        for worker in workers:
            worker.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        second, line, seconds, last, has_spoken = time.monotonic(), [], [], time.monotonic(), False
        while not self.stopping.wait(0.1):
            new = self.flush()
            seconds += new
            line += new
            if time.monotonic() - second >= 1:
                second = time.monotonic()
                self.measure(seconds)
                seconds = []
            # The first line as soon as there is something to tell: whoever started this waits for it.
            if line and (not has_spoken or time.monotonic() - last >= 5):
                has_spoken, last = True, time.monotonic()
                self.show(line)
                line = []
        for worker in workers:
            worker.join(5)
        self.flush()

    def flush(self):
        with self.lock:
            new, self.samples = self.samples, []
        try:
            with self.telemetry:
                self.telemetry.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", new)
        except sqlite3.Error as error:
            print(f"telemetry: {error}", file=sys.stderr, flush=True)
        return new

    @staticmethod
    def figures(samples):
        """What a second's requests come to; what was not measured is left out, because a zero would be a claim."""
        times = sorted(sample[4] / 1000 for sample in samples if sample[5])
        asked = [sample[8] for sample in samples if sample[8] is not None]
        seen = [sample[7] for sample in samples if sample[7] is not None]
        figures = {}
        if samples:
            figures["error_rate"] = 100 * sum(1 for sample in samples if not sample[5]) / len(samples)
            figures["requests"] = len(samples)
            figures["lock_wait_ms"] = max(sample[9] for sample in samples) / 1000
        if times:
            figures["latency_p50_ms"] = times[len(times) // 2]
            figures["latency_p95_ms"] = times[min(len(times) - 1, len(times) * 95 // 100)]
        if seen:
            figures["fallback_rate"] = 100 * sum(1 for value in seen if value) / len(seen)
        if asked:
            figures["cache_hit_ratio"] = 100 * sum(asked) / len(asked)
        return figures

    def measure(self, samples):
        """Performance monitoring, once phase 3 has made a place for it."""
        try:
            with self.database.cursor() as cursor:
                self.schema.look(cursor, now=True)
                if self.schema.has_metrics:
                    cursor.executemany(
                        "INSERT INTO performance_metrics (metric, value, measured_at) VALUES (%s, %s, UTC_TIMESTAMP(3))",
                        list(self.figures(samples).items()),
                    )
        except Exception as error:
            print(f"metrics: {error}", file=sys.stderr, flush=True)
            try:
                self.database.ping(reconnect=True)
            except Exception:
                pass

    def show(self, samples):
        figures = ", ".join(f"{name} {value:.1f}" for name, value in self.figures(samples).items())
        shares = ", ".join(f"{flag} {share / 100:g} %" for flag, (_, share) in sorted(self.flags.rules.items()))
        print(f"{time.strftime('%H:%M:%S')} share {shares or '-'}: {figures}", flush=True)


# Drills.


def said(is_well, words, **figures):
    print(f"{'OK' if is_well else 'CRITICAL'} - {words} | {' '.join(f'{name}={value}' for name, value in figures.items())}")
    return 0 if is_well else 2


def golden():
    """The calculation against examples that were worked out by hand."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "positions.csv")
    rows, wrong = 0, []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            rows += 1
            entry = Decimal(row["entry_price"])
            allocated = allocation(int(row["quantity"]), entry)
            found = (allocated, percent(allocated, Decimal(row["capital"])), *protection(row["side"], entry))
            wanted = [Decimal(row[name]) for name in ("allocation_amount", "position_percent", "stop_loss", "target_price")]
            if list(found) != wanted:
                wrong.append(f"row {rows}: {', '.join(map(str, found))}")
    if not rows:
        print("UNKNOWN - there are no examples")
        return 3
    return said(not wrong, "; ".join(wrong) or "as worked out by hand", wrong=len(wrong), rows=rows)


def answers():
    """A digest of what a hundred users are shown of trades that nobody changes any more."""
    trading = Trading(Schema())
    digest, rows = 0, 0
    with trading.connection.cursor() as cursor:
        for user in range(1, 1001, 10):
            cursor.execute(
                "SELECT id, symbol, side, quantity, entry_price, exit_price, outcome, profit, opened_at, closed_at, note FROM trades "
                "WHERE user_id = %s AND closed_at < '2026-01-01' ORDER BY id DESC LIMIT 50",
                (user,),
            )
            for row in cursor.fetchall():
                rows += 1
                digest = zlib.crc32(repr(row).encode(), digest)
    if not rows:
        print("UNKNOWN - there are no trades")
        return 3
    return said(True, f"{rows} trades as shown", digest=digest, rows=rows)


def smoke():
    """The exposure of two hundred users, by every way the code has, in one snapshot."""
    aware = Trading(Schema())
    differing, compared = [], 0
    with aware.connection.cursor() as cursor:
        aware.schema.look(cursor)
        cursor.execute("SET SESSION tx_isolation = 'REPEATABLE-READ'")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        old, new = Schema(pretend_old=True), aware.schema
        for user in range(1, 1001, 5):
            found = []
            for schema, is_new in ((old, False), (new, False), (new, True)):
                aware.schema = schema
                found.append(aware.read_exposure(cursor, user, is_new))
            compared += 1
            if len(set(found)) != 1:
                differing.append(f"user {user}: {found}")
        aware.connection.rollback()
    words = "; ".join(differing[:3]) or ("new columns read" if new.has_columns else "there are no new columns yet")
    return said(not differing, words, differing=len(differing), compared=compared)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    traffic = verbs.add_parser("traffic")
    traffic.add_argument("--flags", required=True, help="phasegate's flag store; need not exist yet")
    traffic.add_argument("--telemetry", required=True, help="where to keep telemetry")
    traffic.add_argument("--rate", type=float, default=200, help="requests a second, of all workers together")
    traffic.add_argument("--workers", type=int, default=8, help="each with a connection of its own")
    traffic.add_argument("--seed", type=int, default=7, help="the same seed invents the same users")
    traffic.add_argument("--fault", choices=["lock-storm"], help="a mistake in what the flag switches on")
    for drill in (golden, answers, smoke):
        verbs.add_parser(drill.__name__, help=drill.__doc__).set_defaults(drill=drill)
    options = parser.parse_args()
    if options.verb == "traffic":
        Application(options).run()
        return 0
    try:
        return options.drill()
    except Exception as error:
        print(f"UNKNOWN - {type(error).__name__}: {error}")
        return 3


if __name__ == "__main__":
    sys.exit(main())
