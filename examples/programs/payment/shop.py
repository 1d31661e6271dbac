"""Sells a reserved seat in steps: look at the reservation, charge the card, confirm. It can be cancelled until it is paid.

MODE=mended first writes that it is being paid: from then on nobody can cancel it, or pay it once more."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg2

shop = psycopg2.connect("")  # the address is in PGHOST, PGPORT …
shop.autocommit = True  # each step is a transaction: no lock is held while the bank is asked
mended = os.environ.get("MODE") == "mended"


def changes(statement, *args):
    """Reports whether a statement has changed a row."""
    with shop.cursor() as cursor:
        cursor.execute(statement, args)
        return cursor.rowcount == 1


def reserved(seat):
    with shop.cursor() as cursor:
        cursor.execute("SELECT status = 'reserved' FROM seats WHERE id = %s", (seat,))
        return cursor.fetchone()[0]


def moves(seat, before, after):
    """Moves a seat on, if it is still where it was."""
    return changes("UPDATE seats SET status = %s WHERE id = %s AND status = %s", after, seat, before)


def sets(seat, status):
    return changes("UPDATE seats SET status = %s WHERE id = %s", status, seat)


def pay(seat):
    if not (moves(seat, "reserved", "paying") if mended else reserved(seat)):
        return 409
    changes("INSERT INTO charges (seat, amount) VALUES (%s, 20)", seat)  # stands for the bank
    sets(seat, "sold")
    return 200


def cancel(seat):
    done = moves(seat, "reserved", "free") if mended else reserved(seat) and sets(seat, "free")
    return 200 if done else 409


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        url = urlsplit(self.path)
        self.send_response({"/pay": pay, "/cancel": cancel}[url.path](parse_qs(url.query)["seat"][0]))
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
