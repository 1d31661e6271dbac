CREATE TYPE kind AS ENUM ('new', 'paid');
CREATE TABLE invoiced (
  id bigserial PRIMARY KEY, uuid uuid UNIQUE, token text, raw bytea, price numeric(10, 2), doc jsonb, kind kind, note text,
  made timestamptz DEFAULT now(), local timestamp(0) DEFAULT now()
);
CREATE TABLE invoiced_line (invoiced_id bigint, number int, uuid uuid, PRIMARY KEY (invoiced_id, number));
CREATE TABLE total (id int PRIMARY KEY, amount numeric(10, 2), updated timestamp(0) DEFAULT now());
INSERT INTO total (id, amount) VALUES (1, 0), (2, 0);
