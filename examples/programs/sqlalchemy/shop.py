"""Sells the last hat, with SQLAlchemy over psycopg2. MODE=mended locks the row that it decides by."""

import os
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()
engine = create_engine("postgresql://", pool_pre_ping=True)  # the address is in PGHOST, PGPORT …
lock = os.environ.get("MODE") == "mended"


class Stock(Base):
    __tablename__ = "stock"
    item = Column(String, primary_key=True)
    left_over = Column(Integer, nullable=False)


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer = Column(String, nullable=False)
    item = Column(String, nullable=False)


def buy(customer):
    with Session(engine) as session, session.begin():
        hat = session.get(Stock, "hat", with_for_update=lock)
        if hat.left_over < 1:
            return "409 Conflict", "sold out"
        hat.left_over -= 1
        order = Order(customer=customer, item=hat.item)
        session.add(order)
        session.flush()
        return "200 OK", f"order {order.id}"


def shop(environ, start):
    if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/buy"):
        status, text = buy(parse_qs(environ["QUERY_STRING"])["customer"][0])
    else:
        status, text = "404 Not Found", "POST /buy?customer="
    start(status, [("Content-Type", "text/plain")])
    return [text.encode()]


Base.metadata.create_all(engine)
make_server("127.0.0.1", int(os.environ["PORT"]), shop).serve_forever()
