-- buy, weight 14891
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set c0 random(0, 999)
\set amount random(1, 1)
BEGIN;
SELECT available, version FROM stock WHERE id = :c0 FOR UPDATE \gset a1_
\if :a1_available + -1 * :amount >= 0
\set x2_0 :a1_available + -1
UPDATE stock SET available = :x2_0, version = version + 1 WHERE id = :c0 RETURNING version \gset a2_
\set x3_2 -1
INSERT INTO orders (op, cell, delta, version) VALUES (:op, :c0, :x3_2, :a2_version);
COMMIT;
\else
ROLLBACK;
\endif

-- cancel, weight 5109
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set c0 random(0, 999)
\set amount random(1, 1)
BEGIN;
SELECT available, version FROM stock WHERE id = :c0 FOR UPDATE \gset a1_
\set x2_0 :a1_available + 1
UPDATE stock SET available = :x2_0, version = version + 1 WHERE id = :c0 RETURNING version \gset a2_
\set x3_2 1
INSERT INTO orders (op, cell, delta, version) VALUES (:op, :c0, :x3_2, :a2_version);
COMMIT;

