"""A shop on SQLite: it looks whether a hat is left, and then sells it. MENDED=1: both in one statement."""

import os
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = os.environ["DB_NAME"]
MENDED = os.environ.get("MENDED")


def connect():
    db = sqlite3.connect(PATH, timeout=5, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    return db


def buy(customer):
    db = connect()
    try:
        if MENDED:
            db.execute("BEGIN IMMEDIATE")
        (left,) = db.execute("SELECT left_over FROM stock WHERE item = 'hat'").fetchone()
        if left < 1:
            db.execute("ROLLBACK") if MENDED else None
            return 409
        db.execute("UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'")
        db.execute("INSERT INTO orders (customer) VALUES (?)", (customer,))
        db.execute("COMMIT") if MENDED else None
        return 200
    finally:
        db.close()


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        status = buy(self.path.rpartition("=")[2])
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
