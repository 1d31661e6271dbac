-- buy, weight 14891
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set c0 random(0, 999)
\set amount random(1, 1)
BEGIN;
\set x1_0 -1
\set x1_2 -1
\set x1_3 0
UPDATE stock SET available = available + :x1_0, version = version + 1 WHERE id = :c0 AND available + :x1_2 >= :x1_3 RETURNING version \gset a1_
\set x2_2 -1
INSERT INTO orders (op, cell, delta, version) VALUES (:op, :c0, :x2_2, :a1_version);
COMMIT;

-- cancel, weight 5109
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set c0 random(0, 999)
\set amount random(1, 1)
BEGIN;
\set x1_0 1
UPDATE stock SET available = available + :x1_0, version = version + 1 WHERE id = :c0 RETURNING version \gset a1_
\set x2_2 1
INSERT INTO orders (op, cell, delta, version) VALUES (:op, :c0, :x2_2, :a1_version);
COMMIT;

