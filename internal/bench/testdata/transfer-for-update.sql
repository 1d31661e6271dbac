-- transfer, weight 8965
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set a random(0, 999)
\set b random(0, 998)
\if :b >= :a
\set b :b + 1
\endif
\set c0 least(:a, :b)
\set c1 greatest(:a, :b)
\set amount random(1, 500)
BEGIN;
SELECT balance, version FROM account WHERE id = :c0 FOR UPDATE \gset a1_
SELECT balance, version FROM account WHERE id = :c1 FOR UPDATE \gset a2_
\if :a1_balance + -1 * :amount >= 0
\set x3_0 :a1_balance - :amount
UPDATE account SET balance = :x3_0, version = version + 1 WHERE id = :c0 RETURNING version \gset a3_
\set x4_0 :a2_balance + :amount
UPDATE account SET balance = :x4_0, version = version + 1 WHERE id = :c1 RETURNING version \gset a4_
\set x5_2 -:amount
INSERT INTO entry (op, cell, delta, version) VALUES (:op, :c0, :x5_2, :a3_version), (:op, :c1, :amount, :a4_version);
COMMIT;
\else
ROLLBACK;
\endif

-- transfer, weight 9031
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
\set a random(0, 999)
\set b random(0, 998)
\if :b >= :a
\set b :b + 1
\endif
\set c0 least(:a, :b)
\set c1 greatest(:a, :b)
\set amount random(1, 500)
BEGIN;
SELECT balance, version FROM account WHERE id = :c0 FOR UPDATE \gset a1_
SELECT balance, version FROM account WHERE id = :c1 FOR UPDATE \gset a2_
\if :a2_balance + -1 * :amount >= 0
\set x3_0 :a1_balance + :amount
UPDATE account SET balance = :x3_0, version = version + 1 WHERE id = :c0 RETURNING version \gset a3_
\set x4_0 :a2_balance - :amount
UPDATE account SET balance = :x4_0, version = version + 1 WHERE id = :c1 RETURNING version \gset a4_
\set x5_6 -:amount
INSERT INTO entry (op, cell, delta, version) VALUES (:op, :c0, :amount, :a3_version), (:op, :c1, :x5_6, :a4_version);
COMMIT;
\else
ROLLBACK;
\endif

-- read, weight 2004
\set seq :seq + 1
\set op (:client_id + 1) * 4294967296 + :seq
SELECT id, balance, version FROM account;

