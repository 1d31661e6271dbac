"""Charges a card. A client that asks again with its Idempotency-Key must get the first answer, and no second charge.

MODE=mended writes the key first: it is unique, so that whoever comes second waits for the first, and then finds the answer there."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg2
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 8, "")  # the address is in PGHOST, PGPORT …


def one(cursor, query, *args):
    cursor.execute(query, args)
    row = cursor.fetchone()
    return row and row[0]


def looks(cursor, key, amount):
    charge = one(cursor, "SELECT charge FROM attempts WHERE key = %s", key)
    if charge is None:
        charge = one(cursor, "INSERT INTO charges (amount) VALUES (%s) RETURNING id", amount)
        cursor.execute("INSERT INTO attempts VALUES (%s, %s)", (key, charge))
    return charge


def claims(cursor, key, amount):
    if one(cursor, "INSERT INTO requests VALUES (%s) ON CONFLICT DO NOTHING RETURNING key", key) is None:
        return one(cursor, "SELECT charge FROM requests WHERE key = %s", key)
    charge = one(cursor, "INSERT INTO charges (amount) VALUES (%s) RETURNING id", amount)
    cursor.execute("UPDATE requests SET charge = %s WHERE key = %s", (charge, key))
    return charge


charge_once = claims if os.environ.get("MODE") == "mended" else looks


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        amount = parse_qs(urlsplit(self.path).query)["amount"][0]
        db = pool.getconn()
        try:
            with db, db.cursor() as cursor:  # one transaction
                answer = charge_once(cursor, self.headers["Idempotency-Key"], amount)
        finally:
            pool.putconn(db)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"charge": %d}' % answer)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service).serve_forever()
